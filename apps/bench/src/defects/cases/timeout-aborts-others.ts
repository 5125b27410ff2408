/**
 * Owns the case of a call that times out while others are under way.
 * It must never know a library.
 */
import { defectCase, expectThat, presume } from '../defect-case.ts';

const TIMEOUT_MS = 100;

export const timeoutAbortsOthers = defectCase({
  name: 'timeout-aborts-others',
  promise: 'A call that times out does not abort other calls that have time left',
  needs: 'timeout',
  alsoNeeds: 'givesSignal',
  async run(make, world) {
    const timeout = make({ ms: TIMEOUT_MS });
    const signals: AbortSignal[] = [];
    const work = (signal: AbortSignal): Promise<never> => {
      signals.push(signal);
      return new Promise(() => {});
    };
    timeout.run(work).catch(() => {});
    await world.advance(TIMEOUT_MS / 2);
    timeout.run(work).catch(() => {});
    await world.advance(TIMEOUT_MS / 2 + 5);
    presume(signals[0]?.aborted === true, 'the first call was not told that its time was up');
    expectThat(signals[1]?.aborted === false, 'the other call was aborted too, with half of its time left');
  },
});
