/**
 * Owns the case of calls from before the opening that fail after it.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { OPEN_FOR_MS, openUp, place, QUICK, sendProbe } from '../steps.ts';

export const lateFailure = defectCase({
  name: 'late-failure',
  promise: 'Failures of calls begun before the circuit opened do not undo a probe that succeeds',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make({ ...QUICK, growth: 'doubling' });
    const late = [await place(breaker, world), await place(breaker, world)];
    await openUp(breaker, world);
    const probe = await sendProbe(breaker, world);
    for (const call of late) call.fail();
    await world.settle();
    probe.succeed();
    await world.settle();
    const isClosed = (await place(breaker, world)).started;
    if (!isClosed) await world.advance(OPEN_FOR_MS + 1);
    const isLonger = !isClosed && !(await place(breaker, world)).started;
    const longer = isLonger ? ', for longer than the first time' : '';
    expectThat(isClosed, `the late failures opened the circuit again${longer}, and the success of the probe was lost`);
  },
});
