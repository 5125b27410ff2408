/**
 * Owns the case of a call from before the opening that succeeds after it.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { openUp, place, QUICK, sendProbe } from '../steps.ts';

export const lateSuccess = defectCase({
  name: 'late-success',
  promise: 'A success of a call begun before the circuit opened does not close it while the probe is out',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make(QUICK);
    const late = await place(breaker, world);
    await openUp(breaker, world);
    await sendProbe(breaker, world);
    late.succeed();
    await world.settle();
    const other = await place(breaker, world);
    expectThat(!other.started, 'the late success closed the circuit, the probe still without an answer');
  },
});
