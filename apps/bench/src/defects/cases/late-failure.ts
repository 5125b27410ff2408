/**
 * Owns the case of calls from before the opening that fail after it.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { openUp, place, QUICK, sendProbe } from '../steps.ts';

export const lateFailure = defectCase({
  name: 'late-failure',
  promise: 'Failures of calls begun before the circuit opened do not undo a probe that succeeds',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make(QUICK);
    const late = [await place(breaker, world), await place(breaker, world)];
    await openUp(breaker, world);
    const probe = await sendProbe(breaker, world);
    for (const call of late) call.fail();
    await world.settle();
    probe.succeed();
    await world.settle();
    const next = await place(breaker, world);
    expectThat(next.started, 'the late failures opened the circuit again, and the success of the probe was lost');
  },
});
