/**
 * Owns the cases of a wall clock that is set while failures are in a window of time.
 * It must never know a library.
 */
import { defectCase, expectThat, presume } from '../defect-case.ts';
import type { Breaker, WindowOptions } from '../library.ts';
import { failOnce, OPEN_FOR_MS } from '../steps.ts';
import type { World } from '../world.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const WANTED = 10;
const BEFORE = 6;
const AFTER = WANTED - BEFORE;
const WINDOW = { windowMs: 10_000, minimumCalls: WANTED, openForMs: OPEN_FOR_MS };

export const windowClockBack = defectCase({
  name: 'window-clock-back',
  promise: 'A wall clock set back by an hour does not keep failures in the window that are older than it',
  needs: 'windowBreaker',
  async run(make, world) {
    const breaker = await beginWindow(make, world);
    world.jumpWallClock(-HOUR_MS);
    await world.advance(MINUTE_MS);
    const more = await fail(breaker, world, AFTER + 1);
    const instead = `${more} failures opened it, a minute after ${BEFORE} others, where it wants ${WANTED} in 10 s`;
    expectThat(more > AFTER, instead);
  },
});

export const windowClockForward = defectCase({
  name: 'window-clock-forward',
  promise: 'A wall clock set forward by an hour does not take failures out of the window that are not older than it',
  needs: 'windowBreaker',
  async run(make, world) {
    const breaker = await beginWindow(make, world);
    world.jumpWallClock(HOUR_MS);
    const more = await fail(breaker, world, 2 * WANTED);
    expectThat(more === AFTER, `with ${BEFORE} of ${WANTED} failures in the window it took ${more} more to open it`);
  },
});

/** A breaker with some failures in its window, of a kind that is seen to open once there are as many as it wants. */
async function beginWindow(make: (options: WindowOptions) => Breaker, world: World): Promise<Breaker> {
  const opened = await fail(make(WINDOW), world, 2 * WANTED);
  presume(opened === WANTED, `without a jump of the clock it took ${opened} failures to open it`);
  const breaker = make(WINDOW);
  await fail(breaker, world, BEFORE);
  return breaker;
}

/** Fails until it is refused, so many times at most; answers how many calls went through. */
async function fail(breaker: Breaker, world: World, most: number): Promise<number> {
  let failures = 0;
  while (failures < most && (await failOnce(breaker, world)).started) failures++;
  return failures;
}
