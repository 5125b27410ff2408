import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import { slowCallRate } from './slow-call-rate.ts';

test('A slow-call rate opens at exactly the slow calls that find the rate reached, whether they succeed or fail.', () => {
  const call = fc.record({
    ended: fc.constantFrom('succeeded', 'failed'),
    durationMs: fc.constantFrom(0, 499.9, 500, 10_000, Infinity, undefined, Number.NaN),
  });
  fc.assert(
    fc.property(fc.constantFrom(0.1, 0.5, 1), fc.array(call, { maxLength: 100, size: 'large' }), (rate, calls) => {
      const record = slowCallRate({ rate, slowMs: 500, minimumCalls: 5, windowCalls: 20 }).begin();
      const known: number[] = [];
      for (const { ended, durationMs } of calls) {
        if (durationMs !== undefined && !Number.isNaN(durationMs)) known.push(durationMs);
        const window = known.slice(-20);
        const slow = window.filter((duration) => duration >= 500).length;
        const opens =
          durationMs !== undefined && durationMs >= 500 && window.length >= 5 && slow / window.length >= rate;
        const reason = `${slow} of the last ${window.length} calls took 500 ms or longer`;
        expect(record[ended](Number.NaN, durationMs)).toBe(opens ? reason : undefined);
      }
    }),
  );
});

test('A slow-call rate needs durations, and says over which time it was reached.', () => {
  const rule = slowCallRate({ rate: 0.5, slowMs: 2_000, minimumCalls: 2, windowMs: 250 });
  const record = rule.begin();
  record.succeeded(0, 1);
  expect(rule.needs).toBe('durations');
  expect(record.failed(0, 3_000)).toBe('1 of 2 calls took 2 s or longer within 250 ms');
});

test('A breaker whose calls succeed too slowly opens.', async () => {
  const clock = new VirtualClock();
  const trip = slowCallRate({ rate: 0.5, slowMs: 500, minimumCalls: 4, windowMs: 60_000 });
  const breaker = circuitBreaker({ name: 'search', trip, openForMs: 1_000, clock });
  const callOf = (durationMs: number) =>
    breaker.execute(() => new Promise<void>((resolve) => void clock.set(durationMs, resolve, { background: false })));
  for (const durationMs of [100, 500, 100]) {
    const call = callOf(durationMs);
    await clock.advance(durationMs);
    await call;
  }
  expect(breaker.state.name).toBe('closed');
  const call = callOf(800);
  await clock.advance(800);
  await call;
  expect(breaker.state).toMatchObject({ reason: '2 of 4 calls took 500 ms or longer within 60 s' });
});

test('What slow calls answered is the cause of nothing; what one failed with is.', () => {
  const trip = slowCallRate({ rate: 1, slowMs: 500, minimumCalls: 1, windowCalls: 1 });
  const breaker = circuitBreaker({ name: 'search', trip, openForMs: 1_000 });
  const settle = (verdict: 'success' | 'failure', cause: unknown) => {
    const permit = breaker.tryAcquire();
    if (permit !== undefined) breaker.settle(permit, verdict, 900, cause);
  };
  settle('success', 'a long answer');
  expect(breaker.state).toMatchObject({ name: 'open', cause: undefined });
  expect(breaker.refusal().cause).toBeUndefined();
  breaker.reset();
  settle('failure', 'no answer');
  expect(breaker.state).toMatchObject({ name: 'open', cause: 'no answer' });
});

test('Bad options of a slow-call rate are all named at once.', () => {
  expect(() => slowCallRate({ rate: 0, slowMs: 0, minimumCalls: 0, windowCalls: 0 })).toThrow(
    new InvalidOptionsError('slowCallRate', [
      { path: 'slowMs', value: 0, expected: 'a number above 0 ms' },
      { path: 'rate', value: 0, expected: 'a number above 0 and up to 1' },
      { path: 'minimumCalls', value: 0, expected: 'an integer of at least 1 calls' },
      { path: 'windowCalls', value: 0, expected: 'an integer from 1 to 1000000 calls' },
    ]),
  );
  for (const slowMs of [-1, Number.NaN, Infinity]) {
    expect(() => slowCallRate({ rate: 1, slowMs, minimumCalls: 1, windowMs: 1 })).toThrow('slowMs is');
  }
  expect(() => Reflect.apply(slowCallRate, undefined, [])).toThrow('options is undefined, expected an object');
});
