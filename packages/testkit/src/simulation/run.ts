/**
 * Owns the running of simulations: many seeds in a row, and one seed again, line by line.
 * It must never know what happens within a run.
 */
import { createPool } from '@cryo/pool-core';
import type { Violation } from '@cryo/pool-core/testing';
import { OptionCheck } from '@cryo/resilience';
import { forgoStackTraces, hearUnhandledRejections } from '../platform.ts';
import { Callers } from './callers.ts';
import { endNow, endWell } from './ending.ts';
import { drawAction } from './scenario.ts';
import { type PoolMaker, World } from './world.ts';

/** What to simulate. */
export interface SimulationOptions {
  /** How many runs. */
  readonly runs: number;
  /** The seed of the first run; each later run has the next number. */
  readonly seed: number;
  /** How many things happen in a run before it ends. */
  readonly steps: number;
  /** Told after every run. */
  readonly onProgress?: (progress: { readonly runs: number; readonly failures: number }) => void;
  /** Stops after this many failures. Default 10. */
  readonly mostFailures?: number;
  /** What makes the pool under test. Default: `createPool` of `@cryo/pool-core`. */
  readonly createPool?: PoolMaker;
}

/** A run in which a promise was broken. */
export interface SimulationFailure {
  /** What `replay` takes to run the same day again. */
  readonly seed: number;
  /** The step in which it was seen, from 1; beyond the last: at the end of the run. */
  readonly step: number;
  /** `I1` to `I12`. */
  readonly invariant: string;
  /** Which promise, what was seen, and when. */
  readonly message: string;
  /** Everything that happened, one line each. */
  readonly trace: readonly string[];
}

/** What came of a simulation. */
export interface SimulationReport {
  /** How many days were run. */
  readonly runs: number;
  /** How many steps they had together. */
  readonly steps: number;
  /** The runs in which a promise was broken. */
  readonly failures: readonly SimulationFailure[];
}

/** One run, line by line. */
export interface Replay {
  /** The seed that was run. */
  readonly seed: number;
  /** Everything that happened, one line each. */
  readonly trace: readonly string[];
  /** The promise that was broken; `undefined` when every one was kept. */
  readonly failure: SimulationFailure | undefined;
}

const MOST_FAILURES = 10;

/**
 * Runs random scenarios against a pool on virtual time and holds its twelve promises against every step. The same options
 * give the same report. One simulation at a time: it hears of every unhandled rejection of the process, and goes without
 * stack traces.
 *
 * @throws InvalidOptionsError
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  checkOptions('simulate', options);
  const { runs, seed, steps, onProgress, mostFailures = MOST_FAILURES } = options;
  const failures: SimulationFailure[] = [];
  let done = 0;
  let stepsDone = 0;
  while (done < runs && failures.length < mostFailures) {
    const outcome = await runOnce({ ...options, seed: seed + done, trace: 'drop' });
    done++;
    stepsDone += outcome.step;
    if (outcome.violation !== undefined) {
      const { failure } = await replay(seed + done - 1, { steps, ...pick(options) });
      failures.push(
        failure ?? toFailure(seed + done - 1, outcome.step, outcome.violation, ['the replay did not fail']),
      );
    }
    onProgress?.({ runs: done, failures: failures.length });
  }
  return { runs: done, steps: stepsDone, failures };
}

/** How to run one seed again. */
export interface ReplayOptions {
  /** How many steps the run has: as many as when it failed. */
  readonly steps: number;
  /** The only steps that happen, counted from 1. Default: all. What one step draws does not depend on the others. */
  readonly only?: readonly number[];
  /** What makes the pool under test. Default: `createPool` of `@cryo/pool-core`. */
  readonly createPool?: PoolMaker;
}

/** Runs one seed again and tells everything that happens: the same seed gives the same lines. Throws as {@link simulate} does. */
export async function replay(seed: number, options: ReplayOptions): Promise<Replay> {
  checkOptions('replay', { ...options, seed });
  const { step, violation, trace } = await runOnce({ ...options, seed, trace: 'keep' });
  return { seed, trace, failure: violation && toFailure(seed, step, violation, trace) };
}

interface RunOptions extends ReplayOptions {
  readonly seed: number;
  readonly trace: 'keep' | 'drop';
}

interface Outcome {
  readonly step: number;
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
}

async function runOnce({ seed, steps, only, trace, createPool: maker = createPool }: RunOptions): Promise<Outcome> {
  const world = new World({ seed, createPool: maker, trace });
  const allowStackTraces = trace === 'keep' ? () => {} : forgoStackTraces();
  const unhear = hearUnhandledRejections((reason) => world.ledger.escaped('an unhandled rejection', reason));
  const progress = { step: 0 };
  try {
    await live(world, steps, progress, only && new Set(only));
  } catch (error) {
    world.broken('I7', `an error came out of a timer of the pool: ${String(error)}`);
  } finally {
    allowStackTraces();
    unhear();
  }
  return { step: progress.step, violation: world.violation, trace: world.trace };
}

async function live(
  world: World,
  steps: number,
  progress: { step: number },
  only: ReadonlySet<number> | undefined,
): Promise<void> {
  const callers = new Callers(world);
  const draws = world.random;
  await world.judge();
  while (progress.step < steps && world.violation === undefined) {
    progress.step++;
    // Every step has draws of its own, so that one can be left out and the others stay what they are.
    world.random = draws.fork();
    if (only?.has(progress.step) === false) continue;
    const passing = drawAction(world.random)(world, callers);
    await (passing ?? world.judge());
  }
  if (world.violation !== undefined) return;
  progress.step++;
  world.random = draws.fork();
  const heals = world.end === 'to-come' && world.random.chance(0.7);
  await (heals ? endWell(world, callers) : endNow(world, callers));
}

function checkOptions(what: string, { runs, seed, steps }: Partial<SimulationOptions> = {}): void {
  const check = new OptionCheck(what);
  if (what === 'simulate') check.number('runs', runs, { min: 0, integer: true, unit: 'runs' });
  check.number('seed', seed, { integer: true, unit: '' });
  check.number('steps', steps, { min: 0, integer: true, unit: 'steps' });
  check.throwIfFaulty();
}

function toFailure(seed: number, step: number, violation: Violation, trace: readonly string[]): SimulationFailure {
  return { seed, step, invariant: violation.invariant, message: violation.message, trace };
}

function pick({ createPool }: SimulationOptions): { readonly createPool?: PoolMaker } {
  return createPool === undefined ? {} : { createPool };
}
