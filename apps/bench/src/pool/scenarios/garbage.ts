/**
 * Owns the scenario of what one loan leaves to the collector, beyond what the bare pool leaves.
 * It must never know a library.
 */
import { settledBytes } from '../../measure/bytes.ts';
import { spreadOf } from '../../measure/statistics.ts';
import type { Drives } from '../drive.ts';
import { EACH_ALONE, type PoolScenario } from '../scenario.ts';
import type { Subject } from '../subject.ts';
import { startFilled } from '../turns.ts';

const LEASES = 10_000;
const WARM_UPS = 20;
const MOST_REPETITIONS = 9;

export const garbage: PoolScenario = {
  name: 'garbage',
  rows: [{ title: 'garbage of an acquire and release, beyond that of the bare pool', unit: 'bytes', budget: 50 }],
  groups: EACH_ALONE.filter(([name]) => name !== 'bare').map((group) => ['bare', ...group]),
  // Room enough for nothing to be collected while it is counted.
  flags: ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'],
  async measure([bare, subject], rounds) {
    if (bare === undefined || subject === undefined) return [];
    const repetitions = Math.min(rounds, MOST_REPETITIONS);
    const least = spreadOf(await garbagePerLease(bare, repetitions)).median;
    const theirs = await garbagePerLease(subject, repetitions);
    return [{ [subject.name]: theirs.map((bytes) => bytes - least) }];
  },
};

async function garbagePerLease(subject: Subject, repetitions: number): Promise<readonly number[]> {
  const pool = await startFilled(subject);
  const { DRIVES }: { DRIVES: Drives } = await import(`../drive.ts?${subject.name}`);
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await DRIVES.uncontended(pool, LEASES);
  const counts: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    await settledBytes();
    const before = process.memoryUsage().heapUsed;
    await DRIVES.uncontended(pool, LEASES);
    counts.push((process.memoryUsage().heapUsed - before) / LEASES);
  }
  return counts;
}
