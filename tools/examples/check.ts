/**
 * Owns the judging of examples: written beside the package they belong to, type-checked together, run one by one.
 * It must never know what an example is about, and leaves nothing behind.
 */
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { collect, ROOT, runTool } from '../workspace/tool.ts';
import { type Example, extractExamples } from './extract.ts';

/** An example as a module of its own, below the package whose dependencies it may use. */
export interface Written {
  readonly example: Example;
  readonly file: string;
}

const RUN_LIMIT_MS = 20_000;
const DIAGNOSTIC = /^(.+?)\((\d+),\d+\): (error [\s\S]+)$/;

const DOCUMENTS = ['README.md', 'packages/*/README.md', 'packages/*/guides/*.md', 'docs/*.md'];

/** The documents whose examples are checked: the README of the root, README and guides of each package, and the pages of `docs/`. */
export function documents(): readonly string[] {
  const paths = globSync(DOCUMENTS, { cwd: ROOT });
  return paths.map((path) => path.replaceAll('\\', '/')).toSorted();
}

export function examplesOf(document: string): readonly Example[] {
  return extractExamples(document, readFileSync(join(ROOT, document), 'utf8'));
}

/** Writes every example as a module. Blank lines in front keep its line numbers those of the document. */
export function writeExamples(examples: readonly Example[], run: string): readonly Written[] {
  return examples.map((example) => {
    const file = join(folderOf(example, run), `${example.document.replaceAll(/\W+/g, '-')}-${example.line}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '\n'.repeat(example.line - 1) + example.code);
    return { example, file };
  });
}

export function removeExamples(written: readonly Written[]): void {
  for (const folder of new Set(written.map(({ file }) => dirname(file)))) {
    rmSync(folder, { recursive: true, force: true });
    if (readdirSync(dirname(folder)).length === 0) rmdirSync(dirname(folder));
  }
}

function folderOf({ document }: Example, run: string): string {
  const owner = /^packages\/[^/]+/.exec(document)?.[0] ?? '.';
  return join(ROOT, owner, '.examples', run);
}

/** Type-checks all examples at once, as strictly as our own code. Answers the faults by file, each with the line in its document. */
export async function typeFaults(written: readonly Written[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-examples-'));
  const configuration = join(folder, 'tsconfig.json');
  const types = { types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')], moduleDetection: 'force' };
  const output = { noEmit: true, composite: false, declaration: false, declarationMap: false, sourceMap: false };
  // An example may well end with a value that it only shows.
  const looser = { noUnusedLocals: false, noUnusedParameters: false };
  const compilerOptions = { ...types, ...output, ...looser };
  const files = written.map(({ file }) => file);
  writeFileSync(configuration, JSON.stringify({ extends: join(ROOT, 'tsconfig.base.json'), compilerOptions, files }));
  const { exitCode, output: printed } = await runTool('tsc', ['-p', configuration, '--pretty', 'false']);
  rmSync(folder, { recursive: true });
  const faults = byFile(written, printed);
  if (exitCode !== 0 && faults.size === 0) throw new Error(`The compiler failed on the examples:\n${printed}`);
  return faults;
}

function byFile(written: readonly Written[], printed: string): ReadonlyMap<string, readonly string[]> {
  const faults = new Map<string, string[]>();
  // A fault begins at the start of a line; what follows indented explains it.
  for (const block of printed.split(/\n(?! )/)) {
    const [, path, number, message] = DIAGNOSTIC.exec(block) ?? [];
    const owner = written.find(({ file }) => relative(ROOT, file) === path);
    if (owner === undefined) continue;
    const fault = `${owner.example.document}:${number} ${message}`;
    faults.set(owner.file, [...(faults.get(owner.file) ?? []), fault]);
  }
  return faults;
}

/** Runs one example in an empty folder of its own. Answers what it printed when it failed or did not end in time. */
export async function runFault({ file }: Written): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-example-'));
  try {
    const { exitCode, output } = await collect(process.execPath, [file], { folder, limitMs: RUN_LIMIT_MS });
    return exitCode === 0 ? undefined : `exit code ${exitCode ?? 'none'}\n${output}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
