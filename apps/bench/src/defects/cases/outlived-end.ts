/**
 * Owns the case of a breaker that is not wanted any more.
 * It must never know a library.
 */
import { defectCase, expectThat, presume } from '../defect-case.ts';
import { openUp, place, QUICK } from '../steps.ts';

const HOUR_MS = 3_600_000;

export const outlivedEnd = defectCase({
  name: 'outlived-end',
  promise: 'An open breaker that is ended, or let go where there is nothing to end, leaves nothing running',
  needs: 'checkedBreaker',
  async run(make, world) {
    let checks = 0;
    const check = async (): Promise<never> => {
      checks++;
      throw new Error('the server is down');
    };
    const breaker = make({ ...QUICK, check });
    await openUp(breaker, world);
    breaker.end?.();
    const isRefusing = !(await place(breaker, world)).started;
    presume(isRefusing, 'it let a call through as soon as it was ended');
    const [timers, checksAtEnd] = [world.pendingTimers, checks];
    await world.advance(HOUR_MS);
    const later = checks - checksAtEnd;
    const isBack = breaker.end !== undefined && (await place(breaker, world)).started;
    const back = isBack ? ', and calls, refused at its end, went through' : '';
    expectThat(later === 0, `it checked the server ${later} times in the hour after its end${back}`);
    expectThat(timers === 0, `${timers} timers were left running`);
  },
});
