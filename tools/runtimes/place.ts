/**
 * Owns the folder from which everything runs: the built package as npm would install it, the harness and the cases.
 * It must never know on which runtime they will run.
 */
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT } from '../workspace/tool.ts';
import { type Case, stripTypes } from './case.ts';

export interface Place {
  readonly folder: string;
  /** The name of each case's file, without its ending. */
  readonly files: ReadonlyMap<Case, string>;
  /** Path from the folder of what each name of the package stands for, as its `exports` say. */
  readonly imports: Readonly<Record<string, string>>;
}

const NAME = '@cryo/resilience';
const BUILT = join(ROOT, 'packages/resilience');
const HARNESS = join(import.meta.dirname, 'harness');

export function preparePlace(cases: readonly Case[]): Place {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-runtimes-'));
  const installed = join(folder, 'node_modules', NAME);
  for (const part of ['dist', 'package.json']) cpSync(join(BUILT, part), join(installed, part), { recursive: true });
  mkdirSync(join(folder, 'harness'));
  mkdirSync(join(folder, 'cases'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies: { [NAME]: '*' } }));
  for (const file of globSync('*.ts', { cwd: HARNESS, exclude: ['*.test.ts'] })) {
    const code = stripTypes(readFileSync(join(HARNESS, file), 'utf8'));
    const linked = code.replaceAll(/(\bfrom '\.\/[^']+)\.ts';/g, "$1.js';");
    writeFileSync(join(folder, 'harness', `${basename(file, '.ts')}.js`), linked);
  }
  const files = new Map(cases.map((one, index) => [one, `case-${index + 1}`]));
  for (const [{ code }, file] of files) writeFileSync(join(folder, 'cases', `${file}.js`), code);
  return { folder, files, imports: importsOf(join(installed, 'package.json')) };
}

export function removePlace({ folder }: Place): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function importsOf(manifest: string): Readonly<Record<string, string>> {
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly default: string }>>;
  };
  return Object.fromEntries(
    Object.entries(exports).map(([door, { default: file }]) => [
      `${NAME}${door.slice(1)}`,
      `node_modules/${NAME}/${file.slice('./'.length)}`,
    ]),
  );
}
