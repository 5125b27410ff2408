import { expect, test } from 'vitest';
import { measureBurst } from './overload.ts';

test('at 150 % of what the connections can do, order of arrival serves nearly everybody too late', async () => {
  const patient = await measureBurst({});
  expect(patient.goodput).toBeLessThan(0.25);
  expect(patient.wasted).toBeGreaterThan(0.75);
  // A limit that equals the patience of the callers serves them at its very edge.
  const strict = await measureBurst({ acquire: { timeoutMs: 500 } });
  expect(strict.goodput).toBeLessThan(0.25);
});

test('shedding answers as many in time as there is room for, the others early, and is over with the burst', async () => {
  const shedding = await measureBurst({ shedding: {} });
  expect(shedding.goodput).toBeGreaterThan(0.95);
  expect(shedding.wasted).toBeLessThan(0.01);
  expect(shedding.refusedAfterMs).toBeLessThan(210);
  expect(shedding.recoveryMs).toBeLessThan(100);
  expect([...shedding.codes]).toEqual(['ACQUIRE_SHED']);
});
