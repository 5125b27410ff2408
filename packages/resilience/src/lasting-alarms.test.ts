import { expect, test } from 'vitest';
import { LastingAlarms } from './lasting-alarms.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function setUp() {
  const time = new VirtualClock();
  const alarms = new LastingAlarms({ clock: time, timers: time }, () => {});
  const rung: { readonly name: string; readonly at: number }[] = [];
  const make = (name: string) => {
    const alarm = {
      dueMs: Infinity,
      untilMs: Infinity,
      isAwaited: false,
      sequence: 0,
      order: 0,
      position: -1,
      ring(now: number): void {
        rung.push({ name, at: now });
        stop();
      },
    };
    const start = (afterMs: number): void => {
      alarm.isAwaited = true;
      alarm.untilMs = time.now() + afterMs;
      alarms.start(alarm, time.now());
    };
    const stop = (): void => {
      alarm.isAwaited = false;
    };
    return { start, stop };
  };
  return { time, alarms, rung, make };
}

test('An alarm that is set again before its earlier moment rings at the later one only.', async () => {
  const { time, rung, make } = setUp();
  const one = make('one');
  one.start(100);
  one.stop();
  await time.advance(90);
  one.start(100);
  await time.advance(99);
  expect(rung).toEqual([]);
  await time.advance(1);
  expect(rung).toEqual([{ name: 'one', at: 190 }]);
});

test('An alarm that is set again for an earlier moment than the one it is filed under rings at the earlier one.', async () => {
  const { time, rung, make } = setUp();
  const one = make('one');
  one.start(1_000);
  one.stop();
  one.start(10);
  await time.advance(10);
  expect(rung).toEqual([{ name: 'one', at: 10 }]);
});

test('Alarms for one moment ring in the order they were set last, however they had been filed.', async () => {
  const { time, rung, make } = setUp();
  const [first, second] = [make('first'), make('second')];
  first.start(100);
  second.start(50);
  second.stop();
  first.stop();
  second.start(200);
  first.start(200);
  await time.advance(200);
  expect(rung.map(({ name }) => name)).toEqual(['second', 'first']);
});

test('Once none is awaited no timer remains, and the next one that is set sets one again.', async () => {
  const { time, rung, make } = setUp();
  const one = make('one');
  one.start(10_000);
  one.stop();
  await time.advance(250);
  expect(time.pending()).toBe(0);
  one.start(20_000);
  expect(time.pending()).toBe(1);
  await time.advance(20_000);
  expect(rung).toEqual([{ name: 'one', at: 20_250 }]);
  await time.advance(250);
  expect(time.pending()).toBe(0);
});

test('An alarm for never sets no timer and is not counted as awaited.', async () => {
  const { time, make } = setUp();
  const [never, other] = [make('never'), make('other')];
  never.start(Infinity);
  expect(time.pending()).toBe(0);
  other.start(100);
  other.stop();
  never.stop();
  await time.advance(250);
  expect(time.pending()).toBe(0);
});

test('Those whose calls have ended do not pile up while one is awaited, and all that are awaited ring at their time.', async () => {
  const { time, alarms, rung, make } = setUp();
  const awaited = Array.from({ length: 300 }, (_, index) => make(`awaited ${index}`));
  for (const one of awaited) one.start(3_600_000);
  let most = 0;
  for (let call = 0; call < 10_000; call++) {
    const gone = make('gone');
    gone.start(3_600_000);
    gone.stop();
    most = Math.max(most, alarms.size);
  }
  expect(most).toBeLessThanOrEqual(2 * awaited.length);
  await time.advance(3_600_000);
  expect(rung.map(({ name }) => name)).toEqual(awaited.map((_, index) => `awaited ${index}`));
});

test('One that was taken out because nobody awaited it rings when it is set again.', async () => {
  const { time, rung, make } = setUp();
  const one = make('one');
  one.start(1_000);
  one.stop();
  for (let other = 0; other < 1_000; other++) make('other').start(5_000);
  one.start(1_000);
  await time.advance(1_000);
  expect(rung).toEqual([{ name: 'one', at: 1_000 }]);
});
