import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import type { PolicyContext } from './call.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

type Time = { readonly clock: VirtualClock; readonly timers: VirtualClock };

const betweens: Readonly<Record<string, (time: Time) => readonly Policy[]>> = {
  nothing: () => [],
  'a retry': (time) => [retry({ maxRetries: 1, ...time })],
  'a bulkhead': (time) => [bulkhead({ limit: 1, ...time })],
  'a fallback': () => [fallback({ value: undefined as never })],
  'another timeout': (time) => [timeout({ ms: 500, ...time })],
  'a hedge that begins a second try': (time) => [hedge({ delayMs: 5, ...time })],
  'a hedge that begins none': (time) => [hedge({ delayMs: 500, ...time })],
  'a hedge in a hedge': (time) => [hedge({ delayMs: 5, ...time }), hedge({ delayMs: 7, ...time })],
};

/** As a client does whose connection is cut when its signal aborts. */
function hangUntilAborted({ signal }: PolicyContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('cut', 'AbortError')));
  });
}

test.each(Object.keys(betweens))(
  'A breaker opens on a server that hangs, with %s between it and the timeout around it.',
  async (name) => {
    for (const options of [undefined, { signal: new AbortController().signal }]) {
      const clock = new VirtualClock();
      const time = { clock, timers: clock };
      const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 9_000, clock });
      const policy = compose(timeout({ ms: 100, ...time }), ...(betweens[name]?.(time) ?? []), breaker);
      const call = policy.execute(hangUntilAborted, options).catch((error) => error);
      await clock.advance(1_000);
      await call;
      expect([breaker.state.name, options]).toEqual(['open', options]);
    }
  },
);

test('A breaker stays closed when a try is cut that has lost, or when the caller aborts.', async () => {
  const clock = new VirtualClock();
  const time = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 9_000, clock });
  const policy = compose(timeout({ ms: 100, ...time }), hedge({ delayMs: 5, ...time }), breaker);
  const won = policy.execute((context) => (context.attempt === 1 ? 'won' : hangUntilAborted(context)));
  await clock.advance(50);
  await expect(won).resolves.toBe('won');
  const controller = new AbortController();
  const aborted = expect(policy.execute(hangUntilAborted, { signal: controller.signal })).rejects.toThrow();
  await clock.advance(50);
  controller.abort();
  await clock.advance(10);
  await aborted;
  expect(breaker.state.name).toBe('closed');
});
