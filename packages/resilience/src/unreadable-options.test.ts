import { describe, expect, test } from 'vitest';
import { exponentialBackoff } from './backoff.ts';
import { circuitBreaker } from './breaker/breaker.ts';
import { keyedBreakers } from './breaker/keyed.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import { InvalidOptionsError } from './errors.ts';
import { Emitter } from './events.ts';
import { Registry } from './metrics/registry.ts';
import { OptionCheck } from './options.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';
import { CountWindow, TimeWindow } from './window.ts';

function boom(): never {
  throw new Error('boom');
}

function withGetter(options: object, name: string): never {
  return Object.defineProperty({ ...options }, name, { get: boom, enumerable: true }) as never;
}

/** Throws at every touch. */
const hostile = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getOwnPropertyDescriptor: boom }) as never;

function revoked(): never {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy as never;
}

const trip = consecutiveFailures(5);
const makers: Readonly<Record<string, (options: never) => unknown>> = {
  circuitBreaker,
  keyedBreakers,
  retry,
  timeout,
  bulkhead,
  exponentialBackoff,
  'new Emitter': (options) => new Emitter(options),
  'new TimeWindow': (options) => new TimeWindow(options),
  'new CountWindow': (options) => new CountWindow(options),
  'new VirtualClock': (options) => new VirtualClock(options),
  'new Registry': (options) => new Registry(options),
  'registry.counter': (options) => new Registry().counter(options),
  'registry.remove': (options) => new Registry().remove(options),
  'registry.read': (options) => new Registry().read(options),
};

describe('Options that throw when they are looked at', () => {
  test('are a fault with the name of the option, beside all others.', () => {
    expect(() => circuitBreaker(withGetter({ name: '', openForMs: 5 }, 'trip'))).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: expect.stringMatching(
          /^circuitBreaker '': name is '', expected a name; trip is unreadable, expected /,
        ),
      }),
    );
    expect(() => retry(withGetter({ maxRetries: -1 }, 'backoff'))).toThrow(
      /maxRetries is -1, .*; backoff is unreadable, expected /,
    );
  });

  test('are a fault also where nobody knows the option, or the part of one.', () => {
    expect(() => bulkhead(withGetter({ limit: 1 }, 'limits'))).toThrow(
      'limits is unreadable, expected one of the options',
    );
    expect(() => circuitBreaker({ name: 'x', trip: hostile, openForMs: 5 })).toThrow(/trip(\.\w+)? is /);
    expect(() => circuitBreaker({ name: 'x', trip, openForMs: 5, clock: hostile })).toThrow('clock is an object');
  });

  test.each(Object.keys(makers))('make %s throw the one error that every fault is in.', (name) => {
    for (const options of [hostile, revoked(), null as never]) {
      expect(() => makers[name]?.(options)).toThrow(InvalidOptionsError);
    }
  });

  test.each(Object.keys(makers))('make %s name the one that nobody knows, and what there is.', (name) => {
    expect(() => makers[name]?.({ unknown: 5 } as never)).toThrow(InvalidOptionsError);
    expect(() => makers[name]?.({ unknown: 5 } as never)).toThrow(/unknown is 5, expected one of the options \w/);
  });

  test('are named where a window or an emitter is made of them, and so is what is no options at all.', () => {
    expect(() => new TimeWindow(withGetter({ buckets: 0 }, 'windowMs'))).toThrow(
      'TimeWindow: windowMs is unreadable, expected a number above 0 ms; buckets is 0, expected an integer',
    );
    expect(() => new TimeWindow(undefined as never)).toThrow('TimeWindow: options is undefined, expected an object');
    expect(() => new CountWindow(undefined as never)).toThrow(InvalidOptionsError);
    expect(() => new Emitter(5 as never)).toThrow('Emitter: options is 5, expected an object');
    expect(() => new Emitter({ listenerFailed: 5, owner: 6, names: 7 } as never)).toThrow(
      'listenerFailed is 5, expected a function; owner is 6, expected a string; names is 7, expected an object',
    );
  });

  test('are sound to no check of a caller of OptionCheck.', () => {
    const check = new OptionCheck('something');
    const value = OptionCheck.read(hostile, 'size');
    expect(check.number('size', value, { unit: 'connections' })).toBe(false);
    expect(() => check.throwIfFaulty()).toThrow('something: size is unreadable, expected a number connections');
  });
});
