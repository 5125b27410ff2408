import type { RegistryReading } from '@cryo/resilience';
import { expect, test } from 'vitest';
import { createRig } from '../test/rig.ts';

function byLabel({ metrics }: RegistryReading, name: string): Record<string, number> {
  const found = metrics.filter((metric) => metric.name === name);
  return Object.fromEntries(
    found.map((metric) => [metric.labels.label, metric.kind === 'histogram' ? metric.histogram.count : metric.value]),
  );
}

test('leases, waits and uses are counted by label, the first labels for themselves and the others together', async () => {
  const { pool, clock } = createRig({ size: { min: 0, max: 1 }, metrics: { maxLabels: 2 } });
  for (const label of ['checkout', 'report', 'checkout', 'a', 'b', 'other']) {
    const used = pool.use((connection) => connection.query(), { label });
    await clock.advance(10);
    await used;
  }
  const used = pool.use(() => {});
  await clock.advance(10);
  await used;
  const expected = { checkout: 2, report: 1, other: 4 };
  expect(byLabel(pool.metrics.read(), 'cryo_pool_label_leases_total')).toEqual(expected);
  expect(byLabel(pool.metrics.read(), 'cryo_pool_label_acquire_ms')).toEqual(expected);
  expect(byLabel(pool.metrics.read(), 'cryo_pool_label_use_ms')).toEqual(expected);
});

test('refusals are counted by label, and who gave none is called unlabelled', async () => {
  const { pool, clock } = createRig({ size: { min: 0, max: 1 }, metrics: { maxLabels: 5 } });
  const held = pool.acquire();
  await clock.advance(10);
  const refused = pool.acquire({ label: 'report', timeoutMs: 5 }).catch(() => {});
  await clock.advance(10);
  await refused;
  (await held).release();
  expect(byLabel(pool.metrics.read(), 'cryo_pool_label_refusals_total')).toEqual({ report: 1, unlabelled: 0 });
});

test('ten thousand labels make no more metrics than were allowed', async () => {
  const { pool, clock } = createRig({ size: { min: 0, max: 1 }, metrics: { maxLabels: 3 } });
  const asked = pool.acquire();
  await clock.advance(10);
  (await asked).release();
  const before = pool.metrics.read().metrics.length;
  for (let count = 0; count < 10_000; count++) pool.tryAcquire({ label: `order ${count}` })?.release();
  const { metrics } = pool.metrics.read();
  expect(new Set(metrics.flatMap(({ labels }) => labels.label ?? [])).size).toBe(4);
  expect(metrics.length).toBe(before + 3 * 4);
});

test('without maxLabels nothing is counted by label', async () => {
  const { pool, clock } = createRig({ size: { min: 0, max: 1 } });
  const used = pool.use(() => {}, { label: 'checkout' });
  await clock.advance(10);
  await used;
  expect(pool.metrics.read().metrics.filter(({ name }) => name.startsWith('cryo_pool_label_'))).toEqual([]);
});
