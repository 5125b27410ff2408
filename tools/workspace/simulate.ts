/**
 * Owns `pnpm simulate`: as many random days of a pool as asked for, and for a bad one the command that shows it again.
 * It must never know what happens on such a day.
 */
import { randomInt } from 'node:crypto';
import type { SimulationFailure } from '@cryo/testkit';
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';
import { readArguments, type SimulateArguments } from './simulate-arguments.ts';
import { type Outcome, runShares } from './simulate-shares.ts';

const TRACE_LINES = 30;
const SEEDS = 2 ** 31;

const asked = readArguments(process.argv.slice(2), () => randomInt(SEEDS));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else if (await compileOrExplain(startProgress('building'))) {
  await run(asked);
}

async function run(given: SimulateArguments): Promise<void> {
  if (given.only !== undefined) return showAgain(given, given.only);
  const progress = startProgress('simulating');
  const outcome = await runShares(given, (runs) => progress.update(`${runs} of ${given.runs} runs`));
  progress.finish('erase');
  if (outcome.failure !== undefined) await explain(outcome.failure, given.steps);
  print(summary(given, outcome));
  process.exitCode = outcome.failure === undefined ? 0 : 1;
}

async function showAgain({ seed, steps }: SimulateArguments, only: readonly number[]): Promise<void> {
  const { replay } = await import('@cryo/testkit');
  const { trace, failure } = await replay(seed, { steps, only });
  for (const line of trace) print(line);
  print(failure === undefined ? 'Every promise kept.' : `\n${failure.message}`);
  process.exitCode = failure === undefined ? 0 : 1;
}

async function explain(failure: SimulationFailure, steps: number): Promise<void> {
  const { shrink } = await import('@cryo/testkit');
  const shrunk = await shrink(failure, { steps });
  const { seed, step, message } = failure;
  for (const line of shrunk.failure.trace.slice(-TRACE_LINES)) print(line);
  print(`\nSeed ${seed}, step ${step}: ${message}`);
  print(`With ${shrunk.only.length} of its steps: ${shrunk.failure.message}`);
  const again = `npx pnpm simulate --runs 1 --from-seed ${seed} --steps ${Math.min(steps, step)}`;
  print(`Again: ${again}\nThese steps alone: ${again} --only ${shrunk.only.join(',')}\n`);
}

function summary({ runs, seed }: SimulateArguments, { failure, nextSeed, steps, runs: done }: Outcome): string {
  const counted = `${done} ${done === 1 ? 'run' : 'runs'}, ${steps} steps`;
  if (failure !== undefined) return `${counted}, from seed ${seed}: ${failure.invariant} broken`;
  const onward = nextSeed < seed + runs ? `\nOn from here: --from-seed ${nextSeed}` : '';
  return `${counted}, seeds ${seed} to ${nextSeed - 1}: every promise kept${onward}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
