import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClock, fromNanoseconds, neverBackwards, systemClock } from './clock.ts';

const MILLISECOND = 1_000_000n;
const DAY = 86_400_000n * MILLISECOND;

/** A counter of nanoseconds that is moved by hand. */
function counter(startNs: bigint) {
  let ns = startNs;
  return {
    read: () => ns,
    pass: (by: bigint) => {
      ns += by;
    },
  };
}

describe('The nanosecond clock', () => {
  test('begins at the given reading, whatever the counter says.', () => {
    for (const uptime of [0n, 1n, 51n * DAY, 53n * DAY, 4_000n * DAY]) {
      expect(fromNanoseconds(counter(uptime).read, 17.25)()).toBe(17.25);
    }
  });

  test('reads fractions of a millisecond down to one nanosecond.', () => {
    const source = counter(3n * DAY);
    const now = fromNanoseconds(source.read, 0);
    source.pass(1n);
    expect(now()).toBeCloseTo(1e-6, 12);
    source.pass(1_499_999n);
    expect(now()).toBeCloseTo(1.5, 12);
  });

  test.each([1n, 26n, 27n, 51n, 52n, 53n, 60n, 104n, 150n, 417n, 1_000n, 4_000n, 40_000n])(
    'is right after a silence of %d days, and goes on from there.',
    (days) => {
      const source = counter(7n * DAY);
      const now = fromNanoseconds(source.read, 0);
      source.pass(days * DAY);
      expect(now()).toBeCloseTo(Number(days) * 86_400_000, 3);
      source.pass(5n * MILLISECOND);
      expect(now()).toBeCloseTo(Number(days) * 86_400_000 + 5, 3);
    },
  );

  test('never goes back and never drifts, over any gaps between readings.', () => {
    const gaps = fc.array(fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 60n * DAY)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.bigInt(0n, 4_000n * DAY), gaps, (start, steps) => {
        const source = counter(start);
        const now = fromNanoseconds(source.read, 0);
        let passed = 0n;
        let last = now();
        for (const step of steps) {
          source.pass(step);
          passed += step;
          const reading = now();
          expect(reading).toBeGreaterThanOrEqual(last);
          expect(Math.abs(reading - Number(passed) / 1e6)).toBeLessThanOrEqual(1e-6 + Number(passed) * 1e-20);
          last = reading;
        }
      }),
    );
  });
});

describe('A clock that may be set back', () => {
  test('is held until it moves on, and then goes on by as much.', () => {
    let wall = 1_000;
    const now = neverBackwards(() => wall);
    wall = 1_010;
    expect(now()).toBe(1_010);
    wall = 400;
    expect(now()).toBe(1_010);
    wall = 405;
    expect(now()).toBe(1_015);
  });

  test('never reads less than before, whatever is done to it.', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (readings) => {
        let index = 0;
        const now = neverBackwards(() => readings[index] as number);
        let last = now();
        for (index = 0; index < readings.length; index++) {
          const reading = now();
          expect(reading).toBeGreaterThanOrEqual(last);
          last = reading;
        }
      }),
    );
  });
});

describe('The clock of a platform', () => {
  test('counts in nanoseconds where it can, on the axis of performance.now().', () => {
    const source = counter(9n * DAY);
    const clock = createClock({ process: { hrtime: { bigint: source.read } }, performance: { now: () => 250.5 } });
    source.pass(2n * MILLISECOND);
    expect(clock.now()).toBe(252.5);
  });

  test('falls back to performance.now(), called as the method that it is.', () => {
    const performance = {
      origin: 40,
      now() {
        return this.origin + 2;
      },
    };
    expect(createClock({ process: {}, performance }).now()).toBe(42);
  });

  test('falls back to wall time that never goes back, without either.', () => {
    const clock = createClock({});
    const before = Date.now();
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.wallNow()).toBeGreaterThanOrEqual(before);
  });
});

test('The system clock never goes back, and its fractions are finer than a millisecond.', () => {
  const readings = Array.from({ length: 10_000 }, () => systemClock.now());
  expect(readings.every((reading, index) => index === 0 || reading >= (readings[index - 1] as number))).toBe(true);
  expect(readings.some((reading) => !Number.isInteger(reading))).toBe(true);
});
