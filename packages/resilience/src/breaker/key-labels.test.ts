import { describe, expect, test } from 'vitest';
import { Registry } from '../metrics/registry.ts';
import { type KeyedBreakers, keyedBreakers } from './keyed.ts';
import { consecutiveFailures } from './trip-rule.ts';

interface SetUp {
  readonly registry: Registry;
  readonly metricKeys: number;
  readonly maximumKeys?: number;
}

function setUp({ registry, ...options }: SetUp): KeyedBreakers {
  const breaker = { trip: consecutiveFailures(1), openForMs: 1_000, registry };
  return keyedBreakers({ name: 'hosts', ...options, breaker });
}

function call(hosts: KeyedBreakers, key: string, verdict: 'success' | 'failure'): void {
  const breaker = hosts.get(key);
  const permit = breaker.tryAcquire();
  if (permit !== undefined) breaker.settle(permit, verdict);
}

describe('The metrics of keyed breakers', () => {
  const LABELS_PER_STATE = 4;

  function read(registry: Registry, name: string): Record<string, number> {
    const found = registry
      .read()
      .metrics.filter((metric) => metric.name === name && 'value' in metric && metric.value > 0);
    return Object.fromEntries(
      found.map((metric) => [Object.values(metric.labels).join(' '), 'value' in metric ? metric.value : Number.NaN]),
    );
  }

  test('are of their own for so many keys, and of one set together for all others.', () => {
    const registry = new Registry();
    const hosts = setUp({ metricKeys: 2, registry });
    for (const key of ['a', 'b', 'c', 'd']) call(hosts, key, 'success');
    call(hosts, 'd', 'failure');
    expect(read(registry, 'cryo_breaker_calls_total')).toEqual({
      'hosts/a success': 1,
      'hosts/b success': 1,
      'hosts/other success': 2,
      'hosts/other failure': 1,
    });
    expect(read(registry, 'cryo_breaker_transitions_total')).toEqual({ 'hosts/other open': 1 });
  });

  test('show a state of the others while any of them is in it.', () => {
    const registry = new Registry();
    const hosts = setUp({ metricKeys: 1, registry });
    for (const key of ['a', 'b', 'c']) call(hosts, key, 'success');
    call(hosts, 'b', 'failure');
    expect(read(registry, 'cryo_breaker_state')).toEqual({
      'hosts/a closed': 1,
      'hosts/other closed': 1,
      'hosts/other open': 1,
    });
    for (const key of ['b', 'c']) hosts.forget(key);
    expect(read(registry, 'cryo_breaker_state')).toEqual({ 'hosts/a closed': 1 });
  });

  test('go with their key, and the place goes to the next new one.', () => {
    const registry = new Registry();
    const hosts = setUp({ metricKeys: 1, maximumKeys: 2, registry });
    for (const key of ['a', 'b', 'c']) call(hosts, key, 'success');
    expect(read(registry, 'cryo_breaker_calls_total')).toEqual({ 'hosts/other success': 1, 'hosts/c success': 1 });
  });

  test('never grow in number beyond the bound, however many keys come and go.', () => {
    const registry = new Registry();
    const hosts = setUp({ metricKeys: 3, maximumKeys: 10, registry });
    for (let key = 0; key < 1_000; key++) call(hosts, String(key), key % 2 === 0 ? 'success' : 'failure');
    const states = registry.read().metrics.filter(({ name }) => name === 'cryo_breaker_state');
    expect(states).toHaveLength((3 + 1) * LABELS_PER_STATE);
    const calls = Object.values(read(registry, 'cryo_breaker_calls_total'));
    expect(calls.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(1_000);
  });

  test('of a key that is called other are those of the others.', () => {
    const registry = new Registry();
    const hosts = setUp({ metricKeys: 1, registry });
    call(hosts, 'other', 'success');
    call(hosts, 'a', 'success');
    call(hosts, 'b', 'success');
    hosts.forget('other');
    expect(read(registry, 'cryo_breaker_calls_total')).toEqual({ 'hosts/other success': 2, 'hosts/a success': 1 });
  });
});
