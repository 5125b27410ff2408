import { describe, expect, expectTypeOf, it, test, vi } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import type { PolicyContext } from './call.ts';
import { InvalidOptionsError, TimeoutError } from './errors.ts';
import { type FallbackOptions, fallback } from './fallback.ts';
import { Registry } from './metrics/registry.ts';
import { compose } from './policy.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

const fails = async (): Promise<string> => {
  throw new Error('no');
};

describe('a fallback', () => {
  it('lets a result pass', async () => {
    await expect(fallback({ value: 'other' }).execute(() => 'own')).resolves.toBe('own');
  });

  it('gives its value in place of an error, undefined being a value', async () => {
    await expect(fallback({ value: 'other' }).execute(fails)).resolves.toBe('other');
    await expect(fallback({ value: undefined }).execute(fails)).resolves.toBeUndefined();
  });

  it('asks for one with the error, at once or with a promise', async () => {
    const message = (error: unknown) => (error instanceof Error ? error.message : '');
    await expect(fallback({ run: message }).execute(fails)).resolves.toBe('no');
    await expect(fallback({ run: async (error) => message(error) }).execute(fails)).resolves.toBe('no');
  });

  it('that fails itself rejects with what it threw', async () => {
    const throws = () => {
      throw new Error('nothing cached');
    };
    await expect(fallback({ run: throws }).execute(fails)).rejects.toThrow('nothing cached');
    const rejects = () => Promise.reject(new Error('nothing stored'));
    await expect(fallback({ run: rejects }).execute(fails)).rejects.toThrow('nothing stored');
  });

  it('gives what runs instead the signal and the deadline of the call', async () => {
    const { signal } = new AbortController();
    const run = (_error: unknown, context: PolicyContext) => [context.signal, context.deadline];
    const call = fallback({ run }).execute<unknown>(fails, { signal, deadline: 7 });
    await expect(call).resolves.toEqual([signal, 7]);
  });

  it('keeps a place outside of it for as long as what runs instead takes, whoever aborts: it ends by itself, as work does', async () => {
    const controller = new AbortController();
    const walls = bulkhead({ limit: 1 });
    let end: ((value: string) => void) | undefined;
    const run = () =>
      new Promise<string>((resolve) => {
        end = resolve;
      });
    const call = compose(walls, fallback({ run })).execute(fails, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(walls.running).toBe(1);
    end?.('other');
    await expect(call).resolves.toBe('other');
    expect(walls.running).toBe(0);
  });

  it('replaces only the errors that it is for', async () => {
    const onTimeout = fallback({ value: 'stale', on: (error) => error instanceof TimeoutError });
    await expect(onTimeout.execute(fails)).rejects.toThrow('no');
    const clock = new VirtualClock();
    const call = compose(onTimeout, timeout({ ms: 10, clock, timers: clock })).execute(() => new Promise(() => {}));
    await clock.advance(10);
    await expect(call).resolves.toBe('stale');
  });

  it('replaces nothing once the caller has aborted', async () => {
    const controller = new AbortController();
    const work = async () => {
      controller.abort();
      throw new Error('no');
    };
    await expect(fallback({ value: 1 }).execute(work, { signal: controller.signal })).rejects.toThrow('no');
    await expect(fallback({ value: 1 }).execute(fails, { signal: AbortSignal.abort() })).rejects.toHaveProperty(
      'code',
      'ABORTED',
    );
  });

  it('is not stopped by a condition that throws, which is reported', async () => {
    const faults: unknown[] = [];
    const on = () => JSON.parse('{');
    const listenerFailed = (fault: unknown) => faults.push(fault);
    await expect(fallback({ value: 1, on, listenerFailed }).execute(fails)).resolves.toBe(1);
    expect(faults).toMatchObject([{ event: 'on' }]);
  });
});

describe('a fallback among other policies', () => {
  it('replaces what they refuse', async () => {
    const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1000 });
    breaker.trip('down');
    await expect(compose(fallback({ value: 'cached' }), breaker).execute(fails)).resolves.toBe('cached');
  });

  it('inside a retry leaves it nothing to retry, and outside comes after the last try', async () => {
    const clock = new VirtualClock();
    const again = retry({ clock, timers: clock, maxRetries: 1, backoff: { delayMs: () => 0 } });
    let tries = 0;
    const work = () => {
      tries++;
      return fails();
    };
    const later = fallback({ run: async () => 'cached' });
    await expect(compose(again, later).execute(work)).resolves.toBe('cached');
    expect(tries).toBe(1);
    const call = compose(later, again).execute(work);
    await clock.advance(10);
    await expect(call).resolves.toBe('cached');
    expect(tries).toBe(3);
  });

  it('that takes its time inside a timeout is waited for no longer either', async () => {
    const clock = new VirtualClock();
    const slow = fallback({ run: () => new Promise(() => {}) });
    const call = compose(timeout({ ms: 10, clock, timers: clock }), slow).execute(fails);
    const ended = expect(call).rejects.toThrow(TimeoutError);
    await clock.advance(10);
    await ended;
  });
});

describe('types', () => {
  it('of what may come out are inferred, also through compose', () => {
    const nothing = fallback({ value: null });
    expectTypeOf(nothing.execute(fails)).resolves.toEqualTypeOf<string | null>();
    const count = fallback({ run: async () => 5 as number });
    const both = compose(count, retry(), nothing);
    expectTypeOf(both.execute(fails)).resolves.toEqualTypeOf<string | number | null>();
  });
});

describe('what a fallback counts', () => {
  it('is successes, replaced errors, and errors passed on', async () => {
    const registry = new Registry();
    const rescue = fallback({ value: 0, registry, name: 'cache', on: (error) => error instanceof Error });
    await rescue.execute(() => 1);
    await rescue.execute(fails);
    await rescue.execute(() => Promise.reject('no error')).catch(() => {});
    const counts = registry.read().metrics.map((metric) => [metric.labels, metric.kind === 'counter' && metric.value]);
    expect(counts).toEqual([
      [{ fallback: 'cache', outcome: 'succeeded' }, 1],
      [{ fallback: 'cache', outcome: 'replaced' }, 1],
      [{ fallback: 'cache', outcome: 'failed' }, 1],
    ]);
  });
});

describe('options', () => {
  it('are refused with all faults at once', () => {
    const wrong = { run: 5, on: 'always', else: 1 } as unknown as FallbackOptions<number>; // as without types
    expect(() => fallback(wrong)).toThrow(InvalidOptionsError);
    expect(() => fallback(wrong)).toThrow(/else is 1.*run is 5, expected a function.*on is 'always'/);
    expect(() => fallback({} as FallbackOptions<number>)).toThrow('value is undefined, expected a value, or run');
    const both = { value: 1, run: () => 1 } as unknown as FallbackOptions<number>; // as without types
    expect(() => fallback(both)).toThrow('either value or run');
  });
});

test('An alternative that takes its time is waited for also where the promises of the platform were replaced.', async () => {
  const policy = fallback({ run: async () => 'instead' });
  const platform = globalThis.Promise;
  vi.stubGlobal('Promise', class Replaced<Value> extends platform<Value> {});
  const call = policy.execute(() => {
    throw new Error('down');
  });
  vi.unstubAllGlobals();
  await expect(call).resolves.toBe('instead');
});
