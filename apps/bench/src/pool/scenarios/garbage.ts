/**
 * Owns the scenario of what one loan leaves to the collector, beyond what the bare pool leaves.
 * It must never know a library.
 */
import { GARBAGE_FLAGS, garbagePerOperation } from '../../measure/garbage.ts';
import { spreadOf } from '../../measure/statistics.ts';
import type { Drives } from '../drive.ts';
import { EACH_ALONE, type PoolScenario } from '../scenario.ts';
import type { Subject } from '../subject.ts';
import { startFilled } from '../turns.ts';

const LEASES = 10_000;

export const garbage: PoolScenario = {
  name: 'garbage',
  rows: [{ title: 'garbage of an acquire and release, beyond that of the bare pool', unit: 'bytes', budget: 50 }],
  groups: EACH_ALONE.filter(([name]) => name !== 'bare').map((group) => ['bare', ...group]),
  flags: GARBAGE_FLAGS,
  async measure([bare, subject], rounds) {
    if (bare === undefined || subject === undefined) return [];
    const least = spreadOf(await garbagePerLease(bare, rounds)).median;
    const theirs = await garbagePerLease(subject, rounds);
    return [{ [subject.name]: theirs.map((bytes) => bytes - least) }];
  },
};

async function garbagePerLease(subject: Subject, rounds: number): Promise<readonly number[]> {
  const pool = await startFilled(subject);
  const { DRIVES }: { DRIVES: Drives } = await import(`../drive.ts?${subject.name}`);
  return garbagePerOperation((times) => DRIVES.uncontended(pool, times), { rounds, operations: LEASES });
}
