/**
 * Owns the case of a probe that its caller cancels.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { openUp, place, QUICK, sendProbe } from '../steps.ts';

export const cancelledProbe = defectCase({
  name: 'cancelled-probe',
  promise:
    'A probe that ends in an error which says nothing about the server, as a cancelled one does, does not close the circuit',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make({ ...QUICK, isNeutral: (error) => error instanceof Error && error.name === 'AbortError' });
    await openUp(breaker, world);
    const abort = new AbortController();
    const probe = await sendProbe(breaker, world, abort.signal);
    abort.abort();
    probe.fail(abort.signal.reason);
    await world.settle();
    const calls = [await place(breaker, world), await place(breaker, world)];
    expectThat(
      !calls.every(({ started }) => started),
      'the cancelled probe counted as a success and closed the circuit',
    );
  },
});
