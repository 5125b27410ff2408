/**
 * Owns the case of calls from before the opening that fail when the open time is over and nobody has probed yet.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { OPEN_FOR_MS, openUp, place, QUICK } from '../steps.ts';

export const lateFailureUnprobed = defectCase({
  name: 'late-failure-unprobed',
  promise: 'Failures of calls begun before the circuit opened do not begin another open time when the first is over',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make(QUICK);
    const late = [await place(breaker, world), await place(breaker, world)];
    await openUp(breaker, world);
    await world.advance(OPEN_FOR_MS + 1);
    for (const call of late) call.fail();
    await world.settle();
    const next = await place(breaker, world);
    expectThat(next.started, 'the late failures opened it again without a probe');
  },
});
