/**
 * Owns the case of newcomers who come in the very moment in which a place becomes free.
 * It must never know a library.
 */
import { Call, type Work } from '../call.ts';
import { defectCase, expectThat, presume } from '../defect-case.ts';
import { place } from '../steps.ts';

/** In microtasks after the end of the work. */
const LAST_MOMENT = 40;

export const bulkheadOvertaken = defectCase({
  name: 'bulkhead-overtaken',
  promise: 'A call in the queue of a bulkhead is neither turned away in favour of newcomers nor overtaken by them',
  needs: 'bulkhead',
  async run(make, world) {
    for (let moment = 0; moment <= LAST_MOMENT; moment++) {
      const bulkhead = make({ limit: 1, queueLimit: 1 });
      const running = await place(bulkhead, world);
      const accepted = await place(bulkhead, world);
      presume(running.started && accepted.ending.kind === 'pending', 'it did not queue the second call');
      running.succeed();
      for (let microtask = 0; microtask < moment; microtask++) await undefined;
      let isOvertaken = false;
      const arrive = (work: Work): Promise<unknown> =>
        bulkhead.call(() => {
          isOvertaken ||= !accepted.started;
          return work();
        });
      const newcomers = [new Call(arrive), new Call(arrive)];
      await world.settle();
      expectThat(accepted.ending.kind !== 'error', 'a newcomer took its place, and the call was refused');
      expectThat(!isOvertaken, `a newcomer who came ${moment} microtasks after the work had ended started first`);
      for (const call of [accepted, ...newcomers]) call.succeed();
      await world.settle();
    }
  },
});
