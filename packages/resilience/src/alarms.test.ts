import { expect, test } from 'vitest';
import { type Alarm, Alarms } from './alarms.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function setUp() {
  const time = new VirtualClock();
  const stalls: number[] = [];
  const rung: string[] = [];
  const alarms = new Alarms({ clock: time, timers: time }, (lateMs) => stalls.push(lateMs));
  const set = (name: string, afterMs: number): Alarm => {
    const alarm: Alarm = { dueMs: time.now() + afterMs, sequence: 0, position: -1, ring: () => rung.push(name) };
    alarms.add(alarm, time.now());
    return alarm;
  };
  return { time, stalls, rung, alarms, set };
}

test('Alarms ring in the order of their moments, those of one moment in the order they were set, and never early.', async () => {
  const { time, rung, set } = setUp();
  set('late', 30);
  set('first', 10);
  set('second', 10);
  await time.advance(9);
  expect(rung).toEqual([]);
  await time.advance(21);
  expect(rung).toEqual(['first', 'second', 'late']);
});

test('An alarm that is taken out does not ring, and has rung when it can no longer be taken out.', async () => {
  const { time, rung, alarms, set } = setUp();
  const gone = set('gone', 10);
  const kept = set('kept', 10);
  expect(alarms.remove(gone)).toBe(true);
  await time.advance(10);
  expect(rung).toEqual(['kept']);
  expect(alarms.remove(kept)).toBe(false);
});

test('However many alarms there are, one timer serves them, and none remains once it has woken to no alarm.', async () => {
  const { time, alarms, set } = setUp();
  const all = Array.from({ length: 100 }, (_, index) => set('x', 1_000 + index));
  expect(time.pending()).toBe(1);
  for (const alarm of all) alarms.remove(alarm);
  await time.advance(250);
  expect(time.pending()).toBe(0);
});

test('An alarm that never is due sets no timer.', () => {
  const { time, set } = setUp();
  set('never', Infinity);
  expect(time.pending()).toBe(0);
});

test('A stall is told once, and what was due meanwhile rings after it.', async () => {
  const { time, stalls, rung, set } = setUp();
  set('a', 10);
  set('b', 20);
  time.stall(300);
  await time.advance(0);
  expect(stalls).toEqual([290]);
  expect(rung).toEqual(['a', 'b']);
});
