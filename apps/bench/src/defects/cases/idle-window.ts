/**
 * Owns the case of a window of time that nobody has used for long.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { failOnce, OPEN_FOR_MS, place } from '../steps.ts';

const HOUR_MS = 3_600_000;
const WINDOW = { windowMs: 10_000, minimumCalls: 10, openForMs: OPEN_FOR_MS };

export const idleWindow = defectCase({
  name: 'idle-window',
  promise: 'Failures older than the window do not count, however long nobody called',
  needs: 'windowBreaker',
  async run(make, world) {
    const breaker = make(WINDOW);
    for (let failure = 1; failure < WINDOW.minimumCalls; failure++) await failOnce(breaker, world);
    await world.advance(HOUR_MS);
    await failOnce(breaker, world);
    expectThat((await place(breaker, world)).started, 'one failure an hour after nine others opened it');
  },
});
