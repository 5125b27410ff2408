import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import { failureRate } from './failure-rate.ts';
import type { TripRecord } from './trip-rule.ts';

interface Call {
  readonly at: number;
  readonly isFailure: boolean;
}

const WINDOW_MS = 1_000;
const BUCKETS = 10;

const calls = fc.array(
  fc.record({ gapMs: fc.constantFrom(0, 1, 30, 99, 100, 250, 999, 1_000, 5_000), isFailure: fc.boolean() }),
  { maxLength: 150, size: 'large' },
);
const rate = fc.constantFrom(0.01, 0.07, 0.1, 0.3, 0.5, 0.57, 0.9, 1);
const minimumCalls = fc.integer({ min: 1, max: 12 });

function tell(record: TripRecord, { at, isFailure }: Call): string | undefined {
  return isFailure ? record.failed(at, undefined) : record.succeeded(at, undefined);
}

/** The definition: the calls in the window, counted one by one. */
function failedAmong(window: readonly Call[]): number {
  return window.filter(({ isFailure }) => isFailure).length;
}

describe('A failure rate', () => {
  test('over a time opens at exactly the failures that find the rate reached among enough calls.', () => {
    fc.assert(
      fc.property(rate, minimumCalls, calls, (share, minimum, steps) => {
        const rule = failureRate({ rate: share, minimumCalls: minimum, windowMs: WINDOW_MS, buckets: BUCKETS });
        const record = rule.begin();
        const bucketOf = ({ at }: Call): number => Math.floor(at / (WINDOW_MS / BUCKETS));
        const seen: Call[] = [];
        let at = 0;
        for (const { gapMs, isFailure } of steps) {
          at += gapMs;
          const call = { at, isFailure };
          seen.push(call);
          const window = seen.filter((earlier) => bucketOf(earlier) > bucketOf(call) - BUCKETS);
          const failed = failedAmong(window);
          const opens = isFailure && window.length >= minimum && failed / window.length >= share;
          const reason = `${failed} of ${window.length} calls failed within 1 s`;
          expect(tell(record, call)).toBe(opens ? reason : undefined);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('over a number opens at exactly the failures that find the rate reached among the last calls.', () => {
    fc.assert(
      fc.property(rate, minimumCalls, fc.integer({ min: 12, max: 80 }), calls, (share, minimum, windowCalls, steps) => {
        const record = failureRate({ rate: share, minimumCalls: minimum, windowCalls }).begin();
        const seen: Call[] = [];
        for (const { isFailure } of steps) {
          const call = { at: Number.NaN, isFailure };
          seen.push(call);
          const window = seen.slice(-windowCalls);
          const failed = failedAmong(window);
          const opens = isFailure && window.length >= minimum && failed / window.length >= share;
          const reason = `${failed} of the last ${window.length} calls failed`;
          expect(tell(record, call)).toBe(opens ? reason : undefined);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is reached by the very number of failures that a person would count, where a product would round past it.', () => {
    const record = failureRate({ rate: 0.07, minimumCalls: 100, windowCalls: 100 }).begin();
    for (let call = 0; call < 93; call++) record.succeeded(Number.NaN, undefined);
    for (let call = 0; call < 6; call++) expect(record.failed(Number.NaN, undefined)).toBeUndefined();
    expect(record.failed(Number.NaN, undefined)).toBe('7 of the last 100 calls failed');
  });

  test('leaves it to the next failure to open, when a success brings the calls to the minimum.', () => {
    const record = failureRate({ rate: 0.5, minimumCalls: 4, windowMs: 1_000 }).begin();
    for (let call = 0; call < 3; call++) expect(record.failed(0, undefined)).toBeUndefined();
    expect(record.succeeded(0, undefined)).toBeUndefined();
    expect(record.failed(0, undefined)).toBe('4 of 5 calls failed within 1 s');
  });

  test('counts for each breaker, and for each of its closed periods, anew.', () => {
    const rule = failureRate({ rate: 1, minimumCalls: 2, windowMs: 1_000 });
    const [one, other] = [rule.begin(), rule.begin()];
    one.failed(0, undefined);
    expect(other.failed(0, undefined)).toBeUndefined();
    expect(one.failed(0, undefined)).toBeDefined();
  });

  test('needs the time of each outcome for a window of time, and nothing for one over a number.', () => {
    expect(failureRate({ rate: 1, minimumCalls: 1, windowMs: 1 }).needs).toBe('time');
    expect(failureRate({ rate: 1, minimumCalls: 1, windowCalls: 1 }).needs).toBe('counts');
  });

  test('is not moved by options that change afterwards.', () => {
    const options = { rate: 1, minimumCalls: 1, windowCalls: 10 };
    const rule = failureRate(options);
    options.minimumCalls = 5;
    expect(rule.begin().failed(Number.NaN, undefined)).toBe('1 of the last 1 calls failed');
  });
});

describe('A breaker with a failure rate', () => {
  const TRIP = failureRate({ rate: 0.5, minimumCalls: 20, windowMs: 10_000 });

  function breakerOn(clock: VirtualClock) {
    return circuitBreaker({ name: 'inventory', trip: TRIP, openForMs: 30_000, clock });
  }

  function call(breaker: ReturnType<typeof breakerOn>, verdict: 'success' | 'failure'): void {
    const permit = breaker.tryAcquire();
    if (permit !== undefined) breaker.settle(permit, verdict);
  }

  test('opens with the numbers as its reason.', async () => {
    const clock = new VirtualClock();
    const breaker = breakerOn(clock);
    for (let round = 0; round < 8; round++) {
      call(breaker, 'success');
      await clock.advance(100);
    }
    for (let round = 0; round < 12; round++) {
      expect(breaker.state.name).toBe('closed');
      call(breaker, 'failure');
      await clock.advance(100);
    }
    expect(breaker.state).toMatchObject({ name: 'open', reason: '12 of 20 calls failed within 10 s' });
  });

  test('stays closed after nineteen failures, an hour of silence and one more failure.', async () => {
    const clock = new VirtualClock();
    const breaker = breakerOn(clock);
    for (let round = 0; round < 19; round++) call(breaker, 'failure');
    await clock.advance(3_600_000);
    call(breaker, 'failure');
    expect(breaker.state.name).toBe('closed');
  });

  test('stays closed when a call fails every minute, for hours.', async () => {
    const clock = new VirtualClock();
    const breaker = breakerOn(clock);
    for (let minute = 0; minute < 200; minute++) {
      call(breaker, 'failure');
      await clock.advance(60_000);
    }
    expect(breaker.state.name).toBe('closed');
  });

  test('forgets what it had counted once it has been open.', async () => {
    const clock = new VirtualClock();
    const breaker = breakerOn(clock);
    for (let round = 0; round < 20; round++) call(breaker, 'failure');
    expect(breaker.state.name).toBe('open');
    breaker.reset();
    for (let round = 0; round < 19; round++) call(breaker, 'failure');
    expect(breaker.state.name).toBe('closed');
  });
});

describe('Bad options of a failure rate', () => {
  test('are all named at once, with value and range.', () => {
    expect(() => failureRate({ rate: 1.5, minimumCalls: 0, windowMs: -1, buckets: 0 })).toThrow(
      new InvalidOptionsError('failureRate', [
        { path: 'rate', value: 1.5, expected: 'a number above 0 and up to 1' },
        { path: 'minimumCalls', value: 0, expected: 'an integer of at least 1 calls' },
        { path: 'windowMs', value: -1, expected: 'a number above 0 ms' },
        { path: 'buckets', value: 0, expected: 'an integer from 1 to 1000 buckets' },
      ]),
    );
  });

  test('are refused one by one: no rate, no number, no window.', () => {
    for (const rate of [0, -0.1, 1.01, Number.NaN, Infinity]) {
      expect(() => failureRate({ rate, minimumCalls: 1, windowMs: 1 })).toThrow('rate is');
    }
    for (const minimumCalls of [0, 1.5, Number.NaN, Infinity]) {
      expect(() => failureRate({ rate: 1, minimumCalls, windowMs: 1 })).toThrow('minimumCalls is');
    }
    for (const windowMs of [0, -1, Number.NaN, Infinity]) {
      expect(() => failureRate({ rate: 1, minimumCalls: 1, windowMs })).toThrow('windowMs is');
    }
    for (const windowCalls of [0, 1.5, Number.NaN, Infinity]) {
      expect(() => failureRate({ rate: 1, minimumCalls: 1, windowCalls })).toThrow('windowCalls is');
    }
  });

  test('that contradict each other are refused: two windows, none, parts of a number, a minimum that the window cannot hold.', () => {
    const said = (options: object): string => {
      try {
        Reflect.apply(failureRate, undefined, [{ rate: 1, minimumCalls: 5, ...options }]);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(said({ windowMs: 1, windowCalls: 9 })).toBe(
      'failureRate: windowCalls is 9, expected windowMs or windowCalls, not both',
    );
    expect(said({})).toBe(
      'failureRate: windowMs is undefined, expected a number above 0 ms, or windowCalls in its place',
    );
    expect(said({ windowCalls: 9, buckets: 2 })).toBe(
      'failureRate: buckets is 2, expected no buckets without windowMs',
    );
    expect(said({ windowCalls: 4 })).toBe(
      'failureRate: minimumCalls is 5, expected no more calls than windowCalls, or it would never open',
    );
    expect(said({ windowMs: 1, slowMs: 1 })).toMatch(/^failureRate: slowMs is 1, expected one of the options rate, /);
    expect(() => Reflect.apply(failureRate, undefined, [])).toThrow('options is undefined, expected an object');
  });
});
