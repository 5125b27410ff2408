/**
 * Owns the case of a wall clock that is set back while the circuit is open.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { OPEN_FOR_MS, openUp, place, QUICK } from '../steps.ts';

const HOUR_MS = 3_600_000;

export const wallClockBack = defectCase({
  name: 'wall-clock-back',
  promise: 'A wall clock set back by an hour does not keep the circuit open for an hour',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make(QUICK);
    await openUp(breaker, world);
    world.jumpWallClock(-HOUR_MS);
    await world.advance(10 * OPEN_FOR_MS);
    expectThat((await place(breaker, world)).started, 'ten times the open time later calls are still refused');
  },
});
