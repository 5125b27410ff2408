/**
 * Owns `pnpm simulate`: as many random days of a pool as asked for, and for a bad one the command that shows it again.
 * It must never know what happens on such a day.
 */
import { randomInt } from 'node:crypto';
import type { SimulationFailure, SimulationReport } from '@cryo/testkit';
import { compileOrExplain } from './compile.ts';
import { type Progress, startProgress } from './progress.ts';
import { readArguments, type SimulateArguments } from './simulate-arguments.ts';

const TRACE_LINES = 30;
const SHOW_EVERY_RUNS = 50;
const SEEDS = 2 ** 31;

const asked = readArguments(process.argv.slice(2), () => randomInt(SEEDS));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else if (await compileOrExplain(startProgress('building'))) {
  await run(asked);
}

async function run({ runs, seed, steps }: SimulateArguments): Promise<void> {
  const { simulate } = await import('@cryo/testkit');
  const progress = startProgress('simulating');
  const onProgress = (done: { readonly runs: number }): void => show(progress, done.runs, runs);
  const report = await simulate({ runs, seed, steps, mostFailures: 1, onProgress });
  progress.finish('erase');
  const [failure] = report.failures;
  if (failure !== undefined) explain(failure, steps);
  print(`${summary(report)}, seeds ${seed} to ${seed + report.runs - 1}: ${verdict(failure)}`);
  process.exitCode = failure === undefined ? 0 : 1;
}

function show(progress: Progress, done: number, runs: number): void {
  if (done % SHOW_EVERY_RUNS === 0) progress.update(`${done} of ${runs} runs`);
}

function explain({ seed, step, message, trace }: SimulationFailure, steps: number): void {
  for (const line of trace.slice(-TRACE_LINES)) print(line);
  print(`\nSeed ${seed}, step ${step}: ${message}`);
  print(`Again: pnpm simulate --runs 1 --seed ${seed} --steps ${steps}\n`);
}

function summary({ runs, steps }: SimulationReport): string {
  return `${runs} ${runs === 1 ? 'run' : 'runs'}, ${steps} steps`;
}

function verdict(failure: SimulationFailure | undefined): string {
  return failure === undefined ? 'every promise kept' : `${failure.invariant} broken`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
