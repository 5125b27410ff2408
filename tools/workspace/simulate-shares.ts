/**
 * Owns the dealing out of seeds to processes: in order, without a gap, so that what is done is one range.
 * It must never know what a run is.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { SimulationFailure, SimulationReport } from '@cryo/testkit';
import type { SimulateArguments } from './simulate-arguments.ts';

const SHARD = join(import.meta.dirname, 'simulate-shard.ts');
/** Small enough that a process is back every few seconds. */
const RUNS_PER_SHARE = 500;

export interface Share {
  readonly seed: number;
  readonly runs: number;
  readonly steps: number;
}

/** What came of all of them. Every seed from the first up to `nextSeed` was run. */
export interface Outcome {
  readonly runs: number;
  readonly steps: number;
  readonly nextSeed: number;
  /** Of the lowest seed. */
  readonly failure: SimulationFailure | undefined;
}

/** Runs every share. After a failure, or when the time is up, what has begun is finished and nothing new begins. */
export async function runShares(asked: SimulateArguments, onProgress: (runs: number) => void): Promise<Outcome> {
  const endsAt = performance.now() + asked.minutes * 60_000;
  const done: SimulationReport[] = [];
  let nextSeed = asked.seed;
  const failed = (): boolean => done.some(({ failures }) => failures.length > 0);
  const take = (): Share | undefined => {
    const runs = Math.min(RUNS_PER_SHARE, asked.seed + asked.runs - nextSeed);
    if (runs <= 0 || failed() || performance.now() >= endsAt) return undefined;
    nextSeed += runs;
    return { seed: nextSeed - runs, runs, steps: asked.steps };
  };
  const note = (report: SimulationReport): void => {
    done.push(report);
    onProgress(done.reduce((sum, { runs }) => sum + runs, 0));
  };
  await Promise.all(Array.from({ length: asked.processes }, () => work(take, note)));
  const failures = done.flatMap((report) => report.failures).toSorted((one, other) => one.seed - other.seed);
  const total = (name: 'runs' | 'steps'): number => done.reduce((sum, report) => sum + report[name], 0);
  return { runs: total('runs'), steps: total('steps'), nextSeed, failure: failures[0] };
}

/** One process, from its first share to its last. */
function work(take: () => Share | undefined, note: (report: SimulationReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(SHARD);
    let state: 'working' | 'dismissed' = 'working';
    const next = (): void => {
      const share = take();
      if (share !== undefined) return void child.send(share);
      state = 'dismissed';
      child.kill();
    };
    child.on('message', (report: SimulationReport) => {
      note(report);
      next();
    });
    child.once('exit', (code, signal) => {
      if (state === 'dismissed') resolve();
      else reject(new Error(`a process of the simulation ended with ${code ?? signal}`));
    });
    next();
  });
}
