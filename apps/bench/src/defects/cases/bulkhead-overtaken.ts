/**
 * Owns the case of newcomers who come in the very moment in which a place becomes free.
 * It must never know a library.
 */
import { Call } from '../call.ts';
import { defectCase, expectThat, presume } from '../defect-case.ts';
import { place } from '../steps.ts';

const MOMENTS = 40;

export const bulkheadOvertaken = defectCase({
  name: 'bulkhead-overtaken',
  promise: 'A call that was accepted into the queue of a bulkhead is not turned away in favour of newcomers',
  needs: 'bulkhead',
  async run(make, world) {
    for (let moment = 0; moment < MOMENTS; moment++) {
      const bulkhead = make({ limit: 1, queueLimit: 1 });
      const running = await place(bulkhead, world);
      const accepted = await place(bulkhead, world);
      presume(running.started && accepted.ending.kind === 'pending', 'it did not queue the second call');
      running.succeed();
      for (let microtask = 0; microtask < moment; microtask++) await undefined;
      const newcomers = [0, 1].map(() => new Call((work) => bulkhead.call(work)));
      await world.settle();
      expectThat(accepted.ending.kind !== 'error', 'a newcomer took its place, and the call was refused');
      for (const call of [accepted, ...newcomers]) call.succeed();
      await world.settle();
    }
  },
});
