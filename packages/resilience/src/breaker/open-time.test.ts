import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import { openForRetryAfter } from './open-time.ts';
import type { Opening } from './options.ts';
import { consecutiveFailures } from './trip-rule.ts';

const DAY_MS = 86_400_000;

function openedFor(openForMs: number | ((opening: Opening) => number), cause: unknown = 'down') {
  const faults: unknown[] = [];
  const clock = new VirtualClock();
  const trip = consecutiveFailures(1);
  const listenerFailed = ({ error }: { readonly error: unknown }) => faults.push(error);
  const breaker = circuitBreaker({ name: 'api', trip, openForMs, clock, listenerFailed });
  breaker.trip(cause);
  return { waitMs: breaker.retryAfterMs(), faults };
}

describe('an open time given by the failure', () => {
  const askedFor = (error: unknown) => (error as { retryAfterMs?: number }).retryAfterMs;
  const openForMs = openForRetryAfter({ retryAfterMs: askedFor, otherwiseMs: 5_000, maxMs: 60_000 });

  it('is what it asks for, within the shortest and the longest', () => {
    const asked = [20_000, 1, 1e9, Infinity, undefined].map(
      (retryAfterMs) => openedFor(openForMs, { retryAfterMs }).waitMs,
    );
    expect(asked).toEqual([20_000, 5_000, 60_000, 60_000, 5_000]);
  });

  it('is the ordinary one where it asks for nonsense', () => {
    for (const retryAfterMs of [Number.NaN, -1, '7', {}, null]) {
      expect(openedFor(openForMs, { retryAfterMs })).toEqual({ waitMs: 5_000, faults: [] });
    }
  });

  it('is the ordinary one where whoever is asked for it throws, or rejects, which nobody is left to handle', async () => {
    const asking: readonly ((cause: unknown) => number | undefined)[] = [
      (cause) => (cause as { headers: Headers }).headers.get('retry-after')?.length,
      () => Promise.reject(new Error('it is asynchronous')) as never,
    ];
    for (const retryAfterMs of asking) {
      const bounded = openForRetryAfter({ retryAfterMs, otherwiseMs: 1_000, maxMs: 5_000 });
      expect(openedFor(bounded)).toEqual({ waitMs: 1_000, faults: [] });
    }
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('is a day at most, so its bounds are too', () => {
    const make = (otherwiseMs: number, maxMs?: number) => () =>
      openForRetryAfter({ retryAfterMs: askedFor, otherwiseMs, maxMs });
    expect(make(2 * DAY_MS)).toThrow('otherwiseMs is 172800000, expected a number from 0 to 86400000 ms');
    expect(make(5_000, 2 * DAY_MS)).toThrow('maxMs is 172800000, expected a number from 5000 to 86400000 ms');
    expect(openedFor(make(DAY_MS, DAY_MS)())).toEqual({ waitMs: DAY_MS, faults: [] });
  });

  it('wants bounds that make sense', () => {
    const make = () => openForRetryAfter({ retryAfterMs: 3 as never, otherwiseMs: 5_000, maxMs: 1 });
    expect(make).toThrowError(/retryAfterMs is 3, expected a function; maxMs is 1/);
  });
});

describe('a function that decides the open time', () => {
  it('is told of and replaced by 30 s when it throws or answers what is no time', () => {
    const broken = () => {
      throw new Error('broken');
    };
    for (const openForMs of [broken, () => Number.NaN, () => -1, () => '5' as never]) {
      const { waitMs, faults } = openedFor(openForMs);
      expect(waitMs).toBe(30_000);
      expect(faults).toHaveLength(1);
    }
  });

  it('that overflows does not close the door for good: a day is the most, and it is told', () => {
    for (const answer of [1e300, Infinity]) {
      const { waitMs, faults } = openedFor(() => answer);
      expect(waitMs).toBe(DAY_MS);
      expect(faults).toMatchObject([{ name: 'TypeError' }]);
    }
    expect(openedFor(Infinity)).toEqual({ waitMs: Infinity, faults: [] });
  });
});
