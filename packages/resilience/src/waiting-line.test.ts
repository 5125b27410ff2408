import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Alarms } from './alarms.ts';
import { AbortedError, DeadlineExceededError } from './errors.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { WaitingLine } from './waiting-line.ts';

function setUp() {
  const time = new VirtualClock();
  const told: unknown[] = [];
  let left = 0;
  const line = new WaitingLine(new Alarms({ clock: time, timers: time }, () => {}), () => left++);
  const join = (name: string, { deadline = Infinity, signal }: { deadline?: number; signal?: AbortSignal } = {}) => {
    line.join({ deadline, scope: signal, work: undefined }, time.now()).then(
      () => told.push(name),
      (error: unknown) => told.push(error),
    );
  };
  return { time, told, line, join, left: () => left };
}

test('Whoever came first is let in first, and nobody when nobody waits.', async () => {
  const { time, told, line, join, left } = setUp();
  for (const name of ['a', 'b', 'c']) join(name);
  expect([line.letFirstIn(), line.letFirstIn(), line.letFirstIn(), line.letFirstIn()]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  await time.advance(0);
  expect([told, line.length, left()]).toEqual([['a', 'b', 'c'], 0, 0]);
});

test('A waiter who aborts leaves from the middle at once, and the order of the others stays.', async () => {
  const { time, told, line, join, left } = setUp();
  const caller = new AbortController();
  join('a');
  join('b', { signal: caller.signal });
  join('c');
  caller.abort('enough');
  expect([line.length, left()]).toEqual([2, 1]);
  line.letFirstIn();
  line.letFirstIn();
  await time.advance(0);
  expect(told).toEqual([expect.any(AbortedError), 'a', 'c']);
});

test('A waiter leaves at its deadline, not before.', async () => {
  const { time, told, line, join } = setUp();
  join('a', { deadline: time.now() + 50 });
  await time.advance(49);
  expect([told, line.length]).toEqual([[], 1]);
  await time.advance(1);
  expect([told, line.length]).toEqual([[expect.any(DeadlineExceededError)], 0]);
});

test('Nothing listens for a waiter who has been let in, and its deadline no longer matters.', async () => {
  const { time, told, line, join } = setUp();
  const caller = new AbortController();
  join('a', { signal: caller.signal, deadline: time.now() + 50 });
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
  line.letFirstIn();
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  await time.advance(100);
  expect(told).toEqual(['a']);
});

test('Whoever has aborted on the way to the line leaves it at once, and is told of as gone.', async () => {
  const { time, told, line, join, left } = setUp();
  join('a', { signal: AbortSignal.abort('enough') });
  expect([line.length, left()]).toEqual([0, 1]);
  await time.advance(0);
  expect(told).toEqual([expect.any(AbortedError)]);
});
