import { expect, test } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { POLICY_METRICS, type PolicyFamilies } from './policy-metrics.ts';
import { Registry } from './registry.ts';

test('Every outcome has a counter from the start, and each counts its own.', () => {
  const registry = new Registry({ clock: new VirtualClock() });
  const values = () => registry.read().metrics.map((metric) => 'value' in metric && metric.value);
  const count = registry.policyMeter('fallback', 'stock', {});
  expect(registry.read().metrics.map(({ labels }) => labels)).toEqual([
    { fallback: 'stock', outcome: 'succeeded' },
    { fallback: 'stock', outcome: 'replaced' },
    { fallback: 'stock', outcome: 'failed' },
  ]);
  count('replaced');
  count('replaced');
  count('succeeded');
  expect(values()).toEqual([1, 2, 0]);
});

test('A family without values is counted by its own name, and a gauge reads what the policy says.', () => {
  const registry = new Registry({ clock: new VirtualClock() });
  const count = registry.policyMeter('retry_budget', 'shared', { tokens: () => 7 });
  count('rejections');
  expect(registry.read().metrics).toMatchObject([
    { name: 'cryo_retry_budget_withdrawals_total', labels: { budget: 'shared' }, value: 0 },
    { name: 'cryo_retry_budget_rejections_total', labels: { budget: 'shared' }, value: 1 },
    { name: 'cryo_retry_budget_tokens', labels: { budget: 'shared' }, value: 7 },
  ]);
});

test('What a policy counts is told by one word: no two of its counters share one.', () => {
  for (const { counters } of Object.values<PolicyFamilies>(POLICY_METRICS)) {
    const words = Object.entries(counters).flatMap(([family, { values = [family] }]) => values);
    expect(new Set(words).size).toBe(words.length);
  }
});

test('Two policies of one kind and name share the metrics: what they count adds up, and the newer of them is read.', () => {
  const registry = new Registry({ clock: new VirtualClock() });
  const [older, newer] = [1, 2].map((tokens) =>
    registry.policyMeter('retry_budget', 'shared', { tokens: () => tokens }),
  );
  older?.('rejections');
  newer?.('rejections');
  expect(registry.read().metrics).toMatchObject([{ value: 0 }, { value: 2 }, { value: 2 }]);
});
