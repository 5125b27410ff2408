/**
 * Owns the scenario of many loans on end: what stays behind of them.
 * It must never know a library.
 */
import { settledBytes } from '../../measure/bytes.ts';
import { DRIVES } from '../drive.ts';
import type { PoolScenario } from '../scenario.ts';
import { startFilled } from '../turns.ts';

const LEASES = 10_000_000;
const LOOKS = 10;
const CALLERS = 100;

export const tenMillionLeases: PoolScenario = {
  name: 'ten-million-leases',
  rows: [
    { title: '10,000,000 leases: growth', unit: 'bytes of heap per lease', budget: 0.1 },
    { title: 'the same: further handles', unit: 'handles', budget: 0 },
  ],
  groups: [['cryo'], ['lightning-pool'], ['generic-pool']],
  flags: ['--expose-gc'],
  async measure([subject]) {
    if (subject === undefined) return [];
    const pool = await startFilled(subject);
    const perLook = LEASES / LOOKS;
    await DRIVES.contended(pool, perLook / LOOKS, CALLERS);
    const handlesBefore = process.getActiveResourcesInfo().length;
    const bytes = [await settledBytes()];
    for (let look = 0; look < LOOKS; look++) {
      await DRIVES.contended(pool, perLook, CALLERS);
      bytes.push(await settledBytes());
    }
    const handles = process.getActiveResourcesInfo().length - handlesBefore;
    return [{ [subject.name]: [Math.max(0, slope(bytes) / perLook)] }, { [subject.name]: [Math.max(0, handles)] }];
  },
};

/** Of the straight line that lies closest to the values, per step. */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const above = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const below = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  return above / below;
}
