import { describe, expect, it } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import { InvalidOptionsError } from './errors.ts';
import { hedge } from './hedge.ts';
import { Registry } from './metrics/registry.ts';
import { compose } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { retry } from './retry.ts';
import { guardTimers } from './stall-guard.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';
import type { Timers } from './timers.ts';

describe('timers that fire a little early, as those of a platform may,', () => {
  it.each([0.3, 0.5, 0.9, 1])(
    'by %d ms and without rounding up, shorten no wait, and lengthen it by little',
    async (earlyMs) => {
      const clock = new VirtualClock();
      const timers: Timers = {
        set: (delayMs, run, options) => clock.set(Math.max(0, delayMs - earlyMs), run, options),
        afterInput: (run) => clock.afterInput(run),
      };
      const begun: number[] = [];
      const policy = retry({ maxRetries: 1, backoff: { delayMs: () => 10 }, clock, timers });
      const call = policy.execute(() => {
        begun.push(clock.now());
        if (begun.length === 1) throw new Error('once');
      });
      await clock.advance(20);
      await call;
      expect(begun[1]).toBeGreaterThanOrEqual(10);
      expect(begun[1]).toBeLessThanOrEqual(11);
    },
  );

  it('let no retry come back before the time that its refusal named', async () => {
    const clock = new VirtualClock();
    const timers: Timers = {
      set: (delayMs, run, options) => clock.set(Math.max(0, Math.ceil(delayMs) - 0.9), run, options),
      afterInput: (run) => clock.afterInput(run),
    };
    const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 10, clock });
    breaker.trip('down');
    const policy = compose(retry({ maxRetries: 1, backoff: { delayMs: () => 0 }, clock, timers }), breaker);
    const call = expect(policy.execute(() => 'served')).resolves.toBe('served');
    await clock.advance(20);
    await call;
  });
});

describe('timers that cannot let input in', () => {
  const timers = { set: () => ({ cancel() {} }) } as unknown as Timers; // as without types

  it.each([
    ['timeout', () => timeout({ ms: 50, timers })],
    ['retry', () => retry({ timers })],
    ['hedge', () => hedge({ delayMs: 10, timers })],
    ['bulkhead', () => bulkhead({ limit: 1, timers })],
    ['rateLimiter', () => rateLimiter({ perSecond: 1, timers })],
    ['guardTimers', () => guardTimers({ clock: new VirtualClock(), timers, stalled() {} })],
  ])('are a fault of the options of %s', (_maker, make) => {
    expect(make).toThrow('timers is an object, expected an object with set() and afterInput()');
  });

  it('are told beside everything else that guardTimers lacks or does not know', () => {
    const options = { timers, latMs: 3 } as never;
    expect(() => guardTimers(options)).toThrow(InvalidOptionsError);
    expect(() => guardTimers(options)).toThrow(
      /latMs is 3.*clock is undefined.*timers is an object.*stalled is undefined/,
    );
    expect(() => guardTimers(undefined as never)).toThrow('options is undefined, expected an object');
  });
});

describe('a retry that comes too late to begin', () => {
  it('counts the call as one that was out of time', async () => {
    const clock = new VirtualClock();
    const registry = new Registry({ clock });
    const policy = retry({ clock, timers: clock, registry });
    await expect(policy.execute(() => 1, { deadline: clock.now() })).rejects.toMatchObject({ begun: false });
    const calls = registry.read().metrics.filter(({ name }) => name === 'cryo_retry_calls_total');
    const counted = calls.filter((metric) => 'value' in metric && metric.value === 1);
    expect(counted).toMatchObject([{ labels: { outcome: 'out-of-time' } }]);
  });
});
