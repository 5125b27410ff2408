import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidOptionsError } from './errors.ts';
import { type CallWindow, CountWindow, TimeWindow } from './window.ts';

interface Call {
  readonly at: number;
  readonly isBad: boolean;
}

/** A step of a history: time passes, then somebody tells of a call or only looks. */
interface Step {
  readonly gapMs: number;
  readonly what: 'good' | 'bad' | 'look';
}

const WIDTH_MS = 8;

/** Gaps within a bucket, to the very edge of one, over several, and over more than any window below. */
const gapMs = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 3, arbitrary: fc.double({ min: 0, max: 3 * WIDTH_MS, noNaN: true }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 12 }).map((buckets) => buckets * WIDTH_MS) },
  { weight: 1, arbitrary: fc.constantFrom(1e3, 3.6e6, 1e12) },
);
const what = fc.constantFrom('good', 'bad', 'look');
const history = fc.array(fc.record({ gapMs, what }), { maxLength: 120, size: 'large' });
const start = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -1_000, max: 1e9 }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
);

function tell(window: CallWindow, { at, isBad }: Call): void {
  if (isBad) window.addBad(at);
  else window.addGood(at);
}

/** Replays a history, and shows after every step the time and every call so far. */
function replay(
  window: CallWindow,
  steps: readonly Step[],
  startMs: number,
  see: (now: number, calls: readonly Call[]) => void,
): void {
  const calls: Call[] = [];
  let now = startMs;
  for (const step of steps) {
    now += step.gapMs;
    if (step.what !== 'look') {
      calls.push({ at: now, isBad: step.what === 'bad' });
      tell(window, calls.at(-1) as Call);
    }
    see(now, calls);
  }
}

function expectHolds(window: CallWindow, now: number, calls: readonly Call[]): void {
  const bad = calls.filter(({ isBad }) => isBad).length;
  expect(`${window.bad(now)} of ${window.calls(now)}`).toBe(`${bad} of ${calls.length}`);
}

describe('A window of time', () => {
  test('holds exactly the calls whose bucket is that of now or one of the buckets before it, at every reading and writing.', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), start, history, (buckets, startMs, steps) => {
        const window = new TimeWindow({ windowMs: buckets * WIDTH_MS, buckets });
        const bucketOf = (at: number): number => Math.floor(at / WIDTH_MS);
        replay(window, steps, startMs, (now, calls) => {
          expectHolds(
            window,
            now,
            calls.filter(({ at }) => bucketOf(at) > bucketOf(now) - buckets),
          );
        });
      }),
      { numRuns: 300 },
    );
  });

  test('never counts a call at the age of the window, and always one that is younger by a bucket, however the time is divided.', () => {
    const windowMs = fc.double({ min: 1, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(windowMs, fc.integer({ min: 1, max: 30 }), history, (window, buckets, steps) => {
        const timeWindow = new TimeWindow({ windowMs: window, buckets });
        replay(timeWindow, steps, 0, (now, calls) => {
          const slack = 1e-9 * Math.max(1, now);
          const younger = (age: number): number => calls.filter(({ at }) => now - at < age).length;
          expect(timeWindow.calls(now)).toBeGreaterThanOrEqual(younger(window - window / buckets - slack));
          expect(timeWindow.calls(now)).toBeLessThanOrEqual(younger(window + slack));
        });
      }),
      { numRuns: 300 },
    );
  });

  test('forgets everything in a silence longer than itself, however long, without being told of anything.', () => {
    const window = new TimeWindow({ windowMs: 10_000 });
    for (let failure = 0; failure < 9; failure++) window.addBad(failure * 100);
    expect([window.calls(9_999), window.bad(9_999)]).toEqual([9, 9]);
    expect([window.calls(3_600_000), window.bad(3_600_000)]).toEqual([0, 0]);
    window.addBad(3_600_000);
    expect([window.calls(3_600_000), window.bad(3_600_000)]).toEqual([1, 1]);
  });

  test('one call a minute never piles up in ten seconds.', () => {
    const window = new TimeWindow({ windowMs: 10_000 });
    for (let minute = 0; minute < 100; minute++) {
      window.addBad(minute * 60_000);
      expect(window.bad(minute * 60_000)).toBe(1);
    }
  });

  test('forgets a call at the instant at which its bucket leaves, and not before.', () => {
    const window = new TimeWindow({ windowMs: 1_000, buckets: 10 });
    window.addBad(150);
    expect([window.bad(1_099), window.bad(1_099.999), window.bad(1_100)]).toEqual([1, 1, 0]);
  });

  test('takes a time before the last one, or no number, for the last one.', () => {
    const window = new TimeWindow({ windowMs: 1_000 });
    window.addBad(5_000);
    for (const strange of [4_000, 0, Number.NaN]) window.addGood(strange);
    expect([window.calls(5_000), window.bad(5_000)]).toEqual([4, 1]);
    expect([window.calls(5_899), window.calls(6_000)]).toEqual([4, 0]);
  });

  test('before its first call it is empty at any time.', () => {
    const window = new TimeWindow({ windowMs: 1_000 });
    expect([window.calls(0), window.bad(1e12), window.calls(Number.NaN)]).toEqual([0, 0, 0]);
  });

  test('has ten buckets unless told otherwise.', () => {
    const window = new TimeWindow({ windowMs: 1_000 });
    window.addGood(99);
    expect([window.calls(999), window.calls(1_000)]).toEqual([1, 0]);
  });

  test('refuses what it cannot be, every fault at once.', () => {
    expect(() => new TimeWindow({ windowMs: 0, buckets: 1.5 })).toThrow(
      new InvalidOptionsError('TimeWindow', [
        { path: 'windowMs', value: 0, expected: 'a number above 0 ms' },
        { path: 'buckets', value: 1.5, expected: 'an integer from 1 to 1000 buckets' },
      ]),
    );
    for (const windowMs of [-1, Number.NaN, Infinity]) {
      expect(() => new TimeWindow({ windowMs })).toThrow(InvalidOptionsError);
    }
    expect(() => new TimeWindow({ windowMs: 1, buckets: 1_001 })).toThrow(InvalidOptionsError);
  });
});

describe('A window over a number', () => {
  test('holds exactly the last calls, up to that number.', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(31, 32, 33, 64, 96));
    fc.assert(
      fc.property(size, fc.array(fc.boolean(), { maxLength: 200, size: 'large' }), (windowCalls, verdicts) => {
        const window = new CountWindow({ windowCalls });
        const calls = verdicts.map((isBad) => ({ at: 0, isBad }));
        calls.forEach((call, index) => {
          tell(window, call);
          expectHolds(window, 0, calls.slice(Math.max(0, index + 1 - windowCalls), index + 1));
        });
      }),
      { numRuns: 300 },
    );
  });

  test('refuses a number that is none, not whole, not positive or beyond a million.', () => {
    for (const windowCalls of [0, -1, 1.5, Number.NaN, Infinity, 1_000_001]) {
      expect(() => new CountWindow({ windowCalls })).toThrow(InvalidOptionsError);
    }
    expect(() => new CountWindow({ windowCalls: 0 })).toThrow(
      'CountWindow: windowCalls is 0, expected an integer from 1 to 1000000 calls',
    );
  });
});
