/**
 * Owns the runtimes that are programs: one process for each case, judged by what it prints and how it ends.
 * It must never know where a program was found.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { collect } from '../workspace/tool.ts';
import type { Case } from './case.ts';
import type { Place } from './place.ts';
import type { Ending, Runtime, Sought } from './runtime.ts';

export interface Program {
  readonly name: string;
  readonly file: string;
  readonly platform: Runtime['platform'];
  /** What stands before the name of the case. */
  readonly parameters: (place: Place) => readonly string[];
}

const RUN_LIMIT_MS = 30_000;
const REACHED = /^reached the end after (\d+) assertions$/m;
const VERSION = /\d+\.\d+\.\d+/;

/** Asks the program for its version: one that can't answer is as good as missing. */
export async function seekProgram(program: Program): Promise<Sought> {
  const { name, file, platform } = program;
  if (!existsSync(file)) return { state: 'missing', name, reason: 'not installed; `npx pnpm runtimes` brings it' };
  const { exitCode, output } = await collect(file, ['--version'], { limitMs: RUN_LIMIT_MS });
  const version = VERSION.exec(output)?.[0];
  if (exitCode !== 0 || version === undefined) return { state: 'missing', name, reason: lastLine(output) };
  return { state: 'found', runtime: { name, version, platform, run: (place, cases) => runAll(program, place, cases) } };
}

async function runAll(program: Program, place: Place, cases: readonly Case[]): Promise<ReadonlyMap<Case, Ending>> {
  const endings = new Map<Case, Ending>();
  const left = cases.values();
  const work = async (): Promise<void> => {
    for (const one of left) endings.set(one, await runOne(program, place, one));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return endings;
}

async function runOne({ file, parameters }: Program, place: Place, one: Case): Promise<Ending> {
  const environment = {
    NODE_OPTIONS: undefined,
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    DENO_DIR: join(place.folder, '.deno'),
    DENO_NO_UPDATE_CHECK: '1',
    DO_NOT_TRACK: '1',
  };
  const options = { folder: place.folder, environment, limitMs: RUN_LIMIT_MS };
  const { exitCode, output } = await collect(file, [...parameters(place), place.files.get(one) ?? ''], options);
  const assertions = REACHED.exec(output)?.[1];
  const isEnded = exitCode === 0;
  if (isEnded && assertions !== undefined) return { reached: true, assertions: Number(assertions) };
  if (isEnded) return { reached: false, fault: `ended before its end\n${output}`.trim() };
  return { reached: false, fault: `exit code ${exitCode ?? 'none'}\n${output}` };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
