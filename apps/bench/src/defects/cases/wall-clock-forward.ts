/**
 * Owns the case of a wall clock that is set forward while the circuit is open.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { OPEN_FOR_MS, openUp, place, QUICK } from '../steps.ts';

const HOUR_MS = 3_600_000;

export const wallClockForward = defectCase({
  name: 'wall-clock-forward',
  promise: 'A wall clock set forward by an hour does not end the open time early',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make(QUICK);
    await openUp(breaker, world);
    world.jumpWallClock(HOUR_MS);
    await world.advance(OPEN_FOR_MS / 2);
    expectThat(!(await place(breaker, world)).started, 'a call went through after half of the open time');
  },
});
