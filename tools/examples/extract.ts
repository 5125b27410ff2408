/**
 * Owns the finding of examples in Markdown: every fenced block of TypeScript, with the heading and the line it stands at.
 * It must never know how an example is judged; a fence that would escape judgement is refused here.
 */

export interface Example {
  /** Path of the document from the root of the repository. */
  readonly document: string;
  /** The nearest heading above the block. */
  readonly heading: string;
  /** Number of the first line of code, so that a fault is reported where the reader sees it. */
  readonly line: number;
  readonly code: string;
  /** `compile` for what a reader could not run either: a sketch of an interface, a call of a server that is not there. */
  readonly mode: 'run' | 'compile';
}

const FENCE = /^( *)(`{3,})(.*)$/;
const HEADING = /^#{1,6} +(.+?) *#*$/;
const MODES: Readonly<Record<string, Example['mode']>> = { ts: 'run', 'ts no-run': 'compile' };
const LOOKS_LIKE_CODE = /^(?:ts|tsx|mts|typescript|js|jsx|mjs|javascript)\b/i;

/** Every example of a document, in its order. Throws on a code fence with an unknown mark and on one that is never closed. */
export function extractExamples(document: string, text: string): readonly Example[] {
  const examples: Example[] = [];
  const lines = text.split('\n');
  let heading = document;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    heading = HEADING.exec(line)?.[1] ?? heading;
    const [, indent, ticks, mark = ''] = FENCE.exec(line) ?? [];
    if (indent === undefined || ticks === undefined) continue;
    const end = closingFence(lines, index, ticks);
    if (end === undefined) throw new Error(`${document}:${index + 1} opens a code block that never ends`);
    const mode = modeOf(mark.trim(), `${document}:${index + 1}`);
    const code = lines.slice(index + 1, end).map((one) => withoutIndent(one, indent));
    if (mode !== undefined) examples.push({ document, heading, line: index + 2, code: code.join('\n'), mode });
    index = end;
  }
  return examples;
}

function closingFence(lines: readonly string[], opening: number, ticks: string): number | undefined {
  const end = lines.findIndex((line, index) => index > opening && line.trim() === ticks);
  return end < 0 ? undefined : end;
}

function modeOf(mark: string, place: string): Example['mode'] | undefined {
  const mode = MODES[mark];
  if (mode === undefined && LOOKS_LIKE_CODE.test(mark)) {
    throw new Error(`${place} is fenced as '${mark}', which nobody would check; write 'ts' or 'ts no-run'`);
  }
  return mode;
}

function withoutIndent(line: string, indent: string): string {
  return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart();
}
