import { expect, test } from 'vitest';
import { Registry } from './metrics/registry.ts';
import { countOutcomes } from './outcome-counters.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const family = { name: 'calls_total', help: 'Calls.', labels: { policy: 'a' }, outcomes: ['good', 'bad'] } as const;

test('Without a registry nothing counts outcomes.', () => {
  expect(countOutcomes(undefined, family)).toBeUndefined();
});

test('Every outcome has a counter from the start, and each counts its own.', () => {
  const registry = new Registry({ clock: new VirtualClock() });
  const values = () =>
    [...family.outcomes].map((outcome) => registry.counter({ ...family, labels: { policy: 'a', outcome } }).value);
  const count = countOutcomes(registry, family);
  expect(registry.read().metrics.map(({ labels }) => labels.outcome)).toEqual(['good', 'bad']);
  count?.('bad');
  count?.('bad');
  count?.('good');
  expect(values()).toEqual([1, 2]);
});
