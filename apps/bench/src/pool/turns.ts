/**
 * Owns how pools take turns: each started and filled, each with a copy of the loops of its own, timed in rounds.
 * It must never know what is done with a pool.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { processMs } from '../measure/process-time.ts';
import type { RawResult } from '../measure/result.ts';
import { type Contender, measureRounds } from '../measure/rounds.ts';
import type { Drives } from './drive.ts';
import { CONNECTIONS, NEVER_REACHED_MS } from './scenario.ts';
import { READY_SERVER } from './server.ts';
import type { Pool, Subject } from './subject.ts';

const WARM_UP_MS = 150;
const SETTLING_MS = 50;

/** What is timed: so many operations on a pool. */
export type Slice = (pool: Pool, times: number, drives: Drives, subject: Subject) => Promise<unknown>;

/** A figure for each pool and round, in ms of the process's time per time; with several of a kind they take turns in each slice. */
export async function takeTurns(
  subjects: readonly Subject[],
  rounds: number,
  slice: Slice,
  pools = 1,
): Promise<readonly [RawResult]> {
  const contenders: Contender[] = [];
  for (const subject of subjects) {
    const started = await Promise.all(Array.from({ length: pools }, () => startFilled(subject)));
    const { DRIVES: drives }: { DRIVES: Drives } = await import(`./drive.ts?${subject.name}`);
    const pool = pools === 1 ? (started[0] as Pool) : drives.inTurn(started);
    contenders.push({ name: subject.name, slice: (times) => slice(pool, times, drives, subject) });
  }
  const options = { rounds, now: processMs, turn, warmUpMs: WARM_UP_MS };
  return [Object.fromEntries(await measureRounds(contenders, options))];
}

/** With all of its connections open and idle. */
export async function startFilled(subject: Subject): Promise<Pool> {
  const pool = subject.start({
    server: READY_SERVER,
    max: CONNECTIONS,
    min: CONNECTIONS,
    acquireTimeoutMs: NEVER_REACHED_MS,
  });
  const taken = await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.acquire()));
  for (const held of taken) pool.release(held);
  await new Promise((settled) => setTimeout(settled, SETTLING_MS));
  return pool;
}
