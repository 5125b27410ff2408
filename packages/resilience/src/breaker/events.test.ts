import { describe, expect, it } from 'vitest';
import { Registry } from '../metrics/registry.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { BreakerEvents } from './contract.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { consecutiveFailures } from './trip-rule.ts';

function setUp(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = new VirtualClock();
  const breaker = circuitBreaker({
    ...{ name: 'inventory', trip: consecutiveFailures(1), openForMs: 1_000, clock, halfOpen: { successes: 1 } },
    ...options,
  });
  return { clock, breaker };
}

describe('the events of a breaker', () => {
  it('tell every change of state, after it has happened', async () => {
    const { clock, breaker } = setUp();
    const changes: string[] = [];
    breaker.on('state-changed', ({ breaker: name, from, to, state }) => {
      expect(breaker.state).toBe(state);
      expect(state.name).toBe(to);
      changes.push(`${name}: ${from} to ${to}`);
    });
    breaker.trip('down');
    await clock.advance(1_000);
    breaker.settle(breaker.tryAcquire() as never, 'success');
    breaker.isolate('migration').release();
    expect(changes).toEqual([
      'inventory: closed to open',
      'inventory: open to half-open',
      'inventory: half-open to closed',
      'inventory: closed to isolated',
      'inventory: isolated to closed',
    ]);
  });

  it('tell nothing where nothing has changed', () => {
    const { breaker } = setUp({ halfOpen: { probes: 2, successes: 2 } });
    breaker.trip('down');
    breaker.probeNow();
    const changes: unknown[] = [];
    breaker.on('state-changed', (change) => changes.push(change));
    breaker.settle(breaker.tryAcquire() as never, 'success');
    breaker.settle(breaker.tryAcquire() as never, 'neutral');
    breaker.probeNow();
    expect(changes).toEqual([]);
  });

  it('end with the subscription', () => {
    const { breaker } = setUp();
    let heard = 0;
    const unsubscribe = breaker.on('state-changed', () => heard++);
    breaker.trip('down');
    unsubscribe();
    breaker.reset();
    expect(heard).toBe(1);
  });

  it('reach every listener in the order of the changes, even when one of them changes the state again', () => {
    const { breaker } = setUp();
    const heard: string[] = [];
    breaker.on('state-changed', ({ to }) => {
      if (to === 'open') breaker.reset();
    });
    breaker.on('state-changed', ({ to }) => heard.push(to));
    breaker.trip('down');
    breaker.trip('down again');
    expect(heard).toEqual(['open', 'closed', 'open', 'closed']);
  });

  it('hurt nobody when a listener throws', async () => {
    const faults: unknown[] = [];
    const { breaker } = setUp({ listenerFailed: (fault) => faults.push(fault.event) });
    const heard: string[] = [];
    breaker.on('state-changed', () => {
      throw new Error('broken');
    });
    breaker.on('state-changed', ({ to }) => heard.push(to));
    const error = new Error('down');
    await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);
    expect(breaker.state.name).toBe('open');
    expect(heard).toEqual(['open']);
    expect(faults).toEqual(['state-changed']);
  });
});

describe('a dry run', () => {
  it('refuses nobody, and tells whom it would have refused and why', async () => {
    const { breaker } = setUp({ dryRun: true });
    const told: BreakerEvents['would-refuse'][] = [];
    breaker.on('would-refuse', (event) => told.push(event));
    await expect(breaker.execute(() => Promise.reject('down'))).rejects.toBe('down');
    expect(breaker.state.name).toBe('open');
    await expect(breaker.execute(() => 'passed')).resolves.toBe('passed');
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.retryAfterMs()).toBeUndefined();
    const event = { breaker: 'inventory', state: breaker.state, reason: 'a call failed' };
    expect(told).toEqual([event, event]);
  });

  it('counts no outcome of a call that would not have been made', () => {
    const { breaker } = setUp({ dryRun: true });
    breaker.trip('down');
    const permit = breaker.tryAcquire();
    expect(permit).toBeDefined();
    for (const verdict of ['success', 'failure', 'neutral'] as const) {
      expect(breaker.settle(permit as never, verdict)).toBe('stale');
    }
    expect(breaker.state).toMatchObject({ name: 'open', cause: 'down' });
  });

  it('goes through the same states as a run in earnest, at the same times', async () => {
    const { clock, breaker } = setUp({ dryRun: true });
    const changes: string[] = [];
    breaker.on('state-changed', ({ to }) => changes.push(`${to} at ${clock.now()}`));
    breaker.trip('down');
    await clock.advance(999);
    await breaker.execute(() => 'too early');
    await clock.advance(1);
    const [probe, other] = [breaker.tryAcquire(), breaker.tryAcquire()];
    expect(breaker.settle(other as never, 'failure')).toBe('stale');
    expect(breaker.settle(probe as never, 'success')).toBe('counted');
    expect(changes).toEqual(['open at 0', 'half-open at 1000', 'closed at 1000']);
  });

  it('explains itself in every state', async () => {
    const { clock, breaker } = setUp({ dryRun: true });
    const reasons: string[] = [];
    breaker.on('would-refuse', ({ reason }) => reasons.push(reason));
    breaker.trip('down');
    breaker.tryAcquire();
    await clock.advance(1_000);
    breaker.tryAcquire();
    breaker.tryAcquire();
    breaker.isolate('migration');
    breaker.tryAcquire();
    expect(reasons).toEqual(['it was tripped by hand', 'it was tripped by hand', 'migration']);
  });
});

describe('the metrics of a breaker', () => {
  it('count every call by how it ended, and every change', async () => {
    const registry = new Registry();
    const { clock, breaker } = setUp({ registry, trip: consecutiveFailures(2) });
    await breaker.execute(() => 'fine');
    const stale = breaker.tryAcquire();
    breaker.settle(breaker.tryAcquire() as never, 'neutral');
    for (let call = 0; call < 2; call++) await expect(breaker.execute(() => Promise.reject('no'))).rejects.toBe('no');
    await expect(breaker.execute(() => 'refused')).rejects.toThrow();
    expect(breaker.tryAcquire()).toBeUndefined();
    breaker.settle(stale as never, 'success');
    await clock.advance(1_000);
    breaker.settle(breaker.tryAcquire() as never, 'success');
    expect(read(registry, 'cryo_breaker_calls_total', 'outcome')).toEqual({
      ...{ success: 2, failure: 2, neutral: 1, stale: 1, refused: 2 },
    });
    expect(read(registry, 'cryo_breaker_transitions_total', 'to')).toEqual({
      ...{ closed: 1, open: 1, 'half-open': 1, isolated: 0 },
    });
  });

  it('show the present state as one of four', () => {
    const registry = new Registry();
    const { breaker } = setUp({ registry });
    expect(read(registry, 'cryo_breaker_state', 'state')).toEqual({ closed: 1, open: 0, 'half-open': 0, isolated: 0 });
    breaker.trip('down');
    expect(read(registry, 'cryo_breaker_state', 'state')).toEqual({ closed: 0, open: 1, 'half-open': 0, isolated: 0 });
  });

  it('count a call that a dry run lets pass as refused, and nothing else', () => {
    const registry = new Registry();
    const { breaker } = setUp({ registry, dryRun: true });
    breaker.trip('down');
    breaker.settle(breaker.tryAcquire() as never, 'failure');
    expect(read(registry, 'cryo_breaker_calls_total', 'outcome')).toEqual({
      ...{ success: 0, failure: 0, neutral: 0, stale: 0, refused: 1 },
    });
  });
});

function read(registry: Registry, name: string, label: string): Record<string, number> {
  const metrics = registry.read().metrics.filter((metric) => metric.name === name);
  return Object.fromEntries(metrics.map((metric) => [metric.labels[label], 'value' in metric ? metric.value : -1]));
}
