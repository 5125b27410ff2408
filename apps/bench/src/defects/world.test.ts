import { expect, test } from 'vitest';
import { VirtualWorld } from './world.ts';

/** A world, and the order in which its timers fired, each with the time at which it did. */
function observed() {
  const world = new VirtualWorld();
  const start = world.now();
  const fired: string[] = [];
  const note = (name: string) => () => void fired.push(`${name} at ${world.now() - start}`);
  return { world, fired, note, timers: world.timers() };
}

test('timers fire in the order in which they are due, ties in the order in which they were set', async () => {
  const { world, fired, note, timers } = observed();
  timers.setTimeout(note('late'), 20);
  timers.setTimeout(note('early'), 10);
  timers.setTimeout(note('early too'), 10);
  await world.advance(15);
  expect(fired).toEqual(['early at 10', 'early too at 10']);
  await world.advance(5);
  expect(fired.at(-1)).toBe('late at 20');
});

test('what follows from a timer at once has happened before the next one fires', async () => {
  const { world, fired, note, timers } = observed();
  timers.setTimeout(() => void Promise.resolve().then(() => timers.setTimeout(note('inner'), 5)), 10);
  timers.setTimeout(note('outer'), 20);
  await world.advance(20);
  expect(fired).toEqual(['inner at 15', 'outer at 20']);
});

test('an interval goes on until it is cleared, and a timeout that is cleared does not fire', async () => {
  const { world, fired, note, timers } = observed();
  const interval = timers.setInterval(note('interval'), 10);
  timers.clearTimeout(timers.setTimeout(note('never'), 5));
  await world.advance(25);
  timers.clearInterval(interval);
  await world.advance(100);
  expect(fired).toEqual(['interval at 10', 'interval at 20']);
});

test('timers that are set are counted until they have fired or are cleared', async () => {
  const { world, note, timers } = observed();
  timers.setTimeout(note('once'), 10);
  const interval = timers.setInterval(note('interval'), 10);
  expect(world.pendingTimers).toBe(2);
  await world.advance(10);
  expect(world.pendingTimers).toBe(1);
  timers.clearInterval(interval);
  expect(world.pendingTimers).toBe(0);
});

test('a delay too long for a timer of the platform ends after 1 ms, as one of nothing does', async () => {
  const { world, fired, note, timers } = observed();
  timers.setTimeout(note('too long'), 2 ** 31);
  timers.setTimeout(note('none'), 0);
  timers.setTimeout(note('no number'), Number.NaN);
  timers.setTimeout(note('longest'), 2 ** 31 - 1);
  await world.advance(1_000);
  expect(fired).toEqual(['too long at 1', 'none at 1', 'no number at 1']);
});

test('a jump of the wall clock moves neither monotonic time nor timers', async () => {
  const { world, fired, note, timers } = observed();
  const [now, wallNow] = [world.now(), world.wallNow()];
  timers.setTimeout(note('timer'), 10);
  world.jumpWallClock(-3_600_000);
  expect([world.now() - now, world.wallNow() - wallNow]).toEqual([0, -3_600_000]);
  await world.advance(10);
  expect(fired).toEqual(['timer at 10']);
});
