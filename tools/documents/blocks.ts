/**
 * Owns the parts of documents that are generated: where they stand, and putting new text in their place.
 * It must never know how the text comes about.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../workspace/tool.ts';

/** One generated part: between `<!-- generated: name -->` and `<!-- end -->`. */
export interface Block {
  readonly document: string;
  readonly name: string;
  readonly text: string;
}

/** The document as it is, and with the text in place. */
export function place({ document, name, text }: Block): { readonly found: string; readonly made: string } {
  const found = readFileSync(join(ROOT, document), 'utf8');
  const begin = `<!-- generated: ${name} -->\n`;
  const from = found.indexOf(begin);
  const to = found.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`${document} has no place for '${name}'`);
  return { found, made: `${found.slice(0, from)}${begin}\n${text.trim()}\n\n${found.slice(to)}` };
}

/** Writes the text into the document. */
export function write(block: Block): void {
  writeFileSync(join(ROOT, block.document), place(block).made);
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** 1800000 as people read it: 1,800,000. */
export function readable(value: unknown): string {
  return typeof value === 'number' && Number.isFinite(value) ? value.toLocaleString('en') : String(value);
}
