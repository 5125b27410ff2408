import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { AssertionError } from '../assert.ts';
import { InvalidOptionsError } from '../errors.ts';
import { VirtualClock } from './virtual-clock.ts';

const FOREGROUND = { background: false };
const BACKGROUND = { background: true };

/** A clock and a record of what ran on it, and when. */
function recorded() {
  const clock = new VirtualClock();
  const log: [name: string, atMs: number][] = [];
  const note = (name: string) => () => {
    log.push([name, clock.now()]);
  };
  const at = (delayMs: number, name: string, options = FOREGROUND) => clock.set(delayMs, note(name), options);
  return { clock, log, note, at };
}

async function chainOf(length: number): Promise<void> {
  for (let link = 0; link < length; link++) await null;
}

describe('Time', () => {
  test('stands still by itself and moves by exactly what it is told.', async () => {
    const clock = new VirtualClock({ startMs: 100, wallStartMs: 5_000 });
    expect([clock.now(), clock.wallNow()]).toEqual([100, 5_000]);
    await clock.advance(12.5);
    expect([clock.now(), clock.wallNow()]).toEqual([112.5, 5_012.5]);
  });

  test('begins at 0, and on the wall at a date that is the same in every run.', () => {
    const clock = new VirtualClock();
    expect([clock.now(), new Date(clock.wallNow()).toISOString()]).toEqual([0, '2026-01-01T00:00:00.000Z']);
  });

  test('passes on the wall alone while the machine is frozen, and no timer notices.', async () => {
    const { clock, log, at } = recorded();
    at(10, 'timer');
    const wall = clock.wallNow();
    clock.freeze(3_600_000);
    await clock.advance(9);
    expect([clock.now(), clock.wallNow() - wall, log]).toEqual([9, 3_600_009, []]);
    await clock.advance(1);
    expect(log).toEqual([['timer', 10]]);
  });

  test('is refused when it is negative, endless or no number, with the value in the message.', async () => {
    const clock = new VirtualClock();
    for (const ms of [-1, Infinity, Number.NaN]) {
      await expect(clock.advance(ms)).rejects.toThrow(InvalidOptionsError);
      await expect(clock.runUntilIdle(ms)).rejects.toThrow(`ms is ${ms}, expected a number of at least 0 ms`);
      expect(() => clock.stall(ms)).toThrow(InvalidOptionsError);
      expect(() => clock.freeze(ms)).toThrow(InvalidOptionsError);
    }
    expect(() => clock.stall('5' as never)).toThrow(
      "VirtualClock.stall(): ms is '5', expected a number of at least 0 ms",
    );
    expect(clock.now()).toBe(0);
    expect(() => new VirtualClock({ startMs: Number.NaN, wallStartMs: Infinity })).toThrow(
      'VirtualClock: startMs is NaN, expected a number ms; wallStartMs is Infinity, expected a number ms',
    );
  });
});

describe('Timers', () => {
  test('run when they are due, at the very time they are due, ties in the order in which they were set.', async () => {
    const { clock, log, at } = recorded();
    at(20, 'c');
    at(10, 'a');
    at(20, 'd', BACKGROUND);
    at(10, 'b');
    at(21, 'too late');
    await clock.advance(20);
    expect(log).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 20],
      ['d', 20],
    ]);
    expect(clock.now()).toBe(20);
  });

  test('set by a timer run in the same advance when they fall within it.', async () => {
    const { clock, log, note } = recorded();
    clock.set(5, () => clock.set(5, note('second'), FOREGROUND), FOREGROUND);
    clock.set(8, note('between'), FOREGROUND);
    await clock.advance(10);
    expect(log).toEqual([
      ['between', 8],
      ['second', 10],
    ]);
  });

  test('of no delay, or a negative one, run at the present instant, but never inside the call that set them.', async () => {
    const { clock, log, at } = recorded();
    at(0, 'zero');
    at(-5, 'negative');
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual([
      ['zero', 0],
      ['negative', 0],
    ]);
  });

  test('of an endless delay never run and are not pending; NaN is refused.', async () => {
    const { clock, log, at } = recorded();
    const timer = at(Infinity, 'never');
    await clock.advance(1e15);
    expect([log, clock.pending(), clock.nextDueMs()]).toEqual([[], 0, Infinity]);
    expect(() => timer.cancel()).not.toThrow();
    expect(() => at(Number.NaN, 'no')).toThrow(AssertionError);
  });

  test('that are cancelled do not run, whoever cancels them and however often.', async () => {
    const { clock, log, at } = recorded();
    const first = at(10, 'first');
    const second = at(10, 'second');
    clock.set(10, () => third.cancel(), FOREGROUND);
    const third = at(10, 'third');
    second.cancel();
    second.cancel();
    await clock.advance(10);
    first.cancel();
    expect([log, clock.pending()]).toEqual([[['first', 10]], 0]);
  });

  test('may cancel themselves while they run, which changes nothing.', async () => {
    const clock = new VirtualClock();
    const timer = clock.set(1, () => timer.cancel(), FOREGROUND);
    await clock.advance(1);
    expect([clock.pending('foreground'), clock.pending('background')]).toEqual([0, 0]);
  });

  test('are counted, all together and by kind, until they run or are cancelled.', async () => {
    const { clock, at } = recorded();
    at(1, 'a');
    at(2, 'b', BACKGROUND);
    at(3, 'c', BACKGROUND).cancel();
    expect([clock.pending(), clock.pending('foreground'), clock.pending('background')]).toEqual([2, 1, 1]);
    expect(clock.nextDueMs()).toBe(1);
    await clock.advance(2);
    expect([clock.pending(), clock.pending('foreground'), clock.pending('background')]).toEqual([0, 0, 0]);
  });

  test('run exactly once each, in order of due time and age, whatever is set and cancelled.', async () => {
    const plan = fc.array(fc.record({ delayMs: fc.integer({ min: 0, max: 50 }), cancelled: fc.boolean() }), {
      maxLength: 40,
      size: 'large',
    });
    await fc.assert(
      fc.asyncProperty(
        plan,
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 }),
        async (timers, advances) => {
          const { clock, log, at } = recorded();
          timers
            .map(({ delayMs, cancelled }, index) => ({ timer: at(delayMs, `${index}`), cancelled }))
            .forEach((each) => {
              if (each.cancelled) each.timer.cancel();
            });
          for (const ms of advances) await clock.advance(ms);
          const expected = timers
            .map(({ delayMs, cancelled }, index) => ({ name: `${index}`, delayMs, cancelled }))
            .filter((each) => !each.cancelled && each.delayMs <= clock.now())
            .sort((one, other) => one.delayMs - other.delayMs || Number(one.name) - Number(other.name))
            .map((each) => [each.name, each.delayMs]);
          expect(log).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('Promises', () => {
  test('of any length have run to their end before the next timer, and before advance() resolves.', async () => {
    const { clock, log, note, at } = recorded();
    clock.set(10, () => void chainOf(5_000).then(note('chain of the first')), FOREGROUND);
    at(10, 'second');
    clock.set(20, () => void chainOf(5_000).then(note('chain of the last')), FOREGROUND);
    await clock.advance(20);
    expect(log).toEqual([
      ['chain of the first', 10],
      ['second', 10],
      ['chain of the last', 20],
    ]);
  });

  test('that were already under way may set timers which the same advance() runs.', async () => {
    const { clock, log, at } = recorded();
    void chainOf(100).then(() => at(5, 'set late'));
    await clock.advance(5);
    expect(log).toEqual([['set late', 5]]);
  });

  test('have run to their end before step() runs anything, and before it resolves.', async () => {
    const { clock, log, note } = recorded();
    void chainOf(100).then(() => clock.set(3, () => void chainOf(100).then(note('after')), FOREGROUND));
    expect(await clock.step()).toBe(true);
    expect(log).toEqual([['after', 3]]);
  });

  test('have not moved when stepNow() returns, and have when settle() resolves.', async () => {
    const { clock, log, note } = recorded();
    clock.set(3, () => void chainOf(100).then(note('after')), FOREGROUND);
    expect(clock.stepNow()).toBe(true);
    expect(log).toEqual([]);
    await clock.settle();
    expect(log).toEqual([['after', 3]]);
  });

  test('settle without time passing and without a timer running.', async () => {
    const { clock, log, at } = recorded();
    at(0, 'due already');
    await clock.settle();
    expect([log, clock.now()]).toEqual([[], 0]);
  });
});

describe('Stepping', () => {
  test('runs exactly the next callback and moves time to it, background timers too.', async () => {
    const { clock, log, at } = recorded();
    at(10, 'a', BACKGROUND);
    at(10, 'b');
    expect(await clock.step()).toBe(true);
    expect(log).toEqual([['a', 10]]);
    expect(clock.stepNow()).toBe(true);
    expect(log).toHaveLength(2);
    expect([await clock.step(), clock.stepNow(), clock.now()]).toEqual([false, false, 10]);
  });

  test('takes the same path as advancing: the same program leaves the same record.', async () => {
    const program = ({ clock, note }: ReturnType<typeof recorded>) => {
      const again = (name: string, left: number) => () => {
        note(name)();
        clock.afterInput(note(`${name} input`));
        if (left > 0) clock.set(left % 3, again(`${name}'`, left - 1), FOREGROUND);
      };
      for (const [index, delayMs] of [4, 0, 4, 2].entries()) clock.set(delayMs, again(`t${index}`, 4), FOREGROUND);
    };
    const [advanced, stepped, steppedNow] = [recorded(), recorded(), recorded()];
    program(advanced);
    program(stepped);
    program(steppedNow);
    await advanced.clock.advance(100);
    while (await stepped.clock.step());
    while (steppedNow.clock.stepNow());
    expect(advanced.log).toHaveLength(40);
    expect(stepped.log).toEqual(advanced.log);
    expect(steppedNow.log).toEqual(advanced.log);
  });
});

describe('Running until idle', () => {
  test('ends with the last foreground timer, having run the background timers on the way.', async () => {
    const { clock, log, at } = recorded();
    at(5, 'background', BACKGROUND);
    at(10, 'foreground');
    at(20, 'left alone', BACKGROUND);
    await clock.runUntilIdle(1_000);
    expect(log.map(([name]) => name)).toEqual(['background', 'foreground']);
    expect([clock.now(), clock.pending()]).toEqual([10, 1]);
  });

  test('includes what timers and promises set on the way, and what waits for input.', async () => {
    const { clock, log, note } = recorded();
    clock.set(
      5,
      () => void chainOf(20).then(() => clock.set(5, () => clock.afterInput(note('end')), FOREGROUND)),
      FOREGROUND,
    );
    await clock.runUntilIdle(10);
    expect(log).toEqual([['end', 10]]);
  });

  test('moves no time when there is nothing to wait for.', async () => {
    const clock = new VirtualClock();
    await clock.runUntilIdle(1_000);
    expect(clock.now()).toBe(0);
  });

  test('says how many timers are left, and when the next is due, when the limit is too short.', async () => {
    const { clock, at } = recorded();
    at(50, 'in time');
    at(200, 'late');
    await expect(clock.runUntilIdle(100)).rejects.toMatchObject({
      code: 'NOT_IDLE',
      message: '1 foreground timers are still set after 100 ms: the next timer is due at 200 ms, now is 50 ms',
    });
  });
});

describe('A fault', () => {
  test('in a callback rejects the advance at that instant; later ones go on with the timers that are left.', async () => {
    const { clock, log, at } = recorded();
    clock.set(
      5,
      () => {
        throw new Error('callback');
      },
      FOREGROUND,
    );
    at(7, 'survivor');
    await expect(clock.advance(10)).rejects.toThrow('callback');
    expect([clock.now(), clock.pending()]).toEqual([5, 1]);
    await clock.advance(5);
    expect(log).toEqual([['survivor', 7]]);
  });

  test('in a callback is thrown by stepNow(), after which the clock can be used.', () => {
    const clock = new VirtualClock();
    clock.set(
      1,
      () => {
        throw new Error('callback');
      },
      FOREGROUND,
    );
    expect(() => clock.stepNow()).toThrow('callback');
    expect(clock.stepNow()).toBe(false);
  });

  test('in the use of the clock is told: it is moved by one call at a time.', async () => {
    const clock = new VirtualClock();
    const inside = vi.fn(() => clock.stepNow());
    clock.set(5, inside, FOREGROUND);
    const first = clock.advance(10);
    await expect(clock.advance(1)).rejects.toMatchObject({
      code: 'ALREADY_DRIVEN',
      message: 'advance() was called while advance() moves the clock: await it',
    });
    expect(() => clock.stepNow()).toThrow('stepNow() was called while advance() moves the clock');
    await expect(first).rejects.toThrow('stepNow() was called while advance()');
    expect(inside).toHaveBeenCalledTimes(1);
    await expect(clock.advance(5)).resolves.toBeUndefined();
  });

  test('is not suspected in a program that takes very many steps while time passes.', () => {
    const clock = new VirtualClock();
    let left = 260_000;
    const again = () => {
      left--;
      if (left > 0) clock.set(1, again, FOREGROUND);
    };
    again();
    while (clock.stepNow());
    expect([left, clock.now()]).toEqual([0, 259_999]);
  });

  test('in a program that never lets time pass is told instead of hanging the test.', () => {
    const clock = new VirtualClock();
    const again = () => void clock.set(0, again, FOREGROUND);
    again();
    expect(() => {
      while (clock.stepNow());
    }).toThrow(expect.objectContaining({ code: 'TIME_STANDS_STILL' }));
  });
});
