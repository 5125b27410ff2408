/**
 * Owns `pnpm mutations`: plants each bug of the catalogue in a copy of the pool, and says who finds it.
 * It must never touch the pool's own source.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileOrExplain } from './compile.ts';
import { MUTATIONS, type Mutation } from './mutations-catalogue.ts';
import { startProgress } from './progress.ts';
import { collect, ROOT, runTool } from './tool.ts';

const SOURCE = join(ROOT, 'packages/pool-core');
const SEARCH = join(import.meta.dirname, 'mutations-search.ts');
const BOUNDS = ['400', '200', '4'];
const LIMIT_MS = 300_000;
const UNCHANGED: Mutation = {
  name: 'none',
  breaks: '',
  file: 'pool.ts',
  find: 'export function createPool',
  replace: 'export function createPool',
};

const only = readOnly();
if (only !== undefined && (await compileOrExplain(startProgress('building')))) {
  const chosen = MUTATIONS.filter(({ name, breaks }) => `${breaks} ${name}`.includes(only));
  let missed = 0;
  // Whoever finds a bug where there is none proves nothing.
  const control = await tryMutation(UNCHANGED);
  if (control.isFound) missed++;
  print(
    `${''.padEnd(8)}${'nothing, the pool unchanged'.padEnd(50)}${control.isFound ? control.text : 'nothing found'}`,
  );
  for (const mutation of chosen) {
    const verdict = await tryMutation(mutation);
    if (!verdict.isFound) missed++;
    print(`${mutation.breaks.padEnd(8)}${mutation.name.padEnd(50)}${verdict.text}`);
  }
  print(`${chosen.length} planted bugs, ${missed} missed`);
  process.exitCode = missed === 0 && chosen.length > 0 ? 0 : 1;
}

/** `undefined` after saying what is wrong with the flags. */
function readOnly(): string | undefined {
  try {
    return parseArgs({ options: { only: { type: 'string', default: '' } } }).values.only;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    process.stderr.write(`${reason} (usage: pnpm mutations [--only <words of its name>])\n`);
    process.exitCode = 2;
    return undefined;
  }
}

async function tryMutation(mutation: Mutation): Promise<{ readonly isFound: boolean; readonly text: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-mutation-'));
  try {
    cpSync(join(SOURCE, 'src'), join(folder, 'src'), { recursive: true });
    cpSync(join(SOURCE, 'test'), join(folder, 'test'), { recursive: true });
    cpSync(join(SOURCE, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const fault = plant(folder, mutation);
    if (fault !== undefined) return { isFound: false, text: fault };
    const found = await search(folder, mutation);
    return { isFound: found !== undefined, text: found ?? 'MISSED' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Answers why the bug can't be planted. */
function plant(folder: string, { file, find, replace }: Mutation): string | undefined {
  const path = join(folder, 'src', file);
  const text = readFileSync(path, 'utf8');
  const places = text.split(find).length - 1;
  if (places !== 1) return `NOT PLANTED: its text occurs ${places} times in ${file}; it has to be written anew`;
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  return undefined;
}

async function search(folder: string, { test }: Mutation): Promise<string | undefined> {
  const { exitCode, output } = await collect(process.execPath, [SEARCH, folder, ...BOUNDS], { limitMs: LIMIT_MS });
  const [, answer] = /(\{(?:"found":.*)?\})$/.exec(output) ?? [];
  if (answer === undefined) return explainEnd(exitCode, output);
  const { found }: { found?: string } = JSON.parse(answer);
  if (found !== undefined || test === undefined) return found;
  const environment = { NO_COLOR: '1', FORCE_COLOR: undefined };
  const tests = await runTool('vitest', ['run', '--root', folder, `src/${test}`], { limitMs: LIMIT_MS, environment });
  // A file that does not load has found nothing.
  const [, sentence] = /FAIL\s+(\S+ > .+)/.exec(tests.output) ?? [];
  return sentence === undefined ? undefined : `the test ${sentence}`;
}

/** A search that does not come to its end shows that something is wrong, but not what: the word says so. */
function explainEnd(exitCode: number | undefined, output: string): string {
  if (exitCode === undefined) return `time-out: no answer within ${LIMIT_MS / 1_000} s`;
  return `crash: the search ended with ${exitCode}: ${output.split('\n', 1)}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
