import { expect, test } from 'vitest';
import { exponentialBackoff } from './backoff.ts';
import { failureRate } from './breaker/failure-rate.ts';
import { openForRetryAfter } from './breaker/open-time.ts';
import { slowCallRate } from './breaker/slow-call-rate.ts';
import { InvalidOptionsError } from './errors.ts';

const makers: Readonly<Record<string, (wrong: never) => unknown>> = {
  'exponentialBackoff.initialMs': (initialMs) => exponentialBackoff({ initialMs, maxMs: 5 }),
  'failureRate.minimumCalls': (minimumCalls) => failureRate({ rate: 0.5, minimumCalls, windowCalls: 10 }),
  'slowCallRate.minimumCalls': (minimumCalls) => slowCallRate({ slowMs: 5, rate: 0.5, minimumCalls, windowCalls: 10 }),
  'openForRetryAfter.otherwiseMs': (otherwiseMs) => openForRetryAfter({ retryAfterMs: () => 5, otherwiseMs }),
};

test.each(Object.keys(makers))('What cannot be made a number is a fault of %s like any other.', (name) => {
  for (const wrong of [Symbol('s'), 5n, Object.create(null), null]) {
    expect(() => makers[name]?.(wrong as never)).toThrow(InvalidOptionsError);
  }
});
