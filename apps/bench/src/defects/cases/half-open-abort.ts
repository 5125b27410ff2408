/**
 * Owns the case of a caller that gives up while another call probes.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { openUp, place, QUICK, sendProbe } from '../steps.ts';

export const halfOpenAbort = defectCase({
  name: 'half-open-abort',
  promise: 'A caller who aborts while another call probes gets an answer at once',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make(QUICK);
    await openUp(breaker, world);
    await sendProbe(breaker, world);
    const abort = new AbortController();
    const caller = await place(breaker, world, abort.signal);
    abort.abort();
    await world.settle();
    expectThat(caller.ending.kind !== 'pending', 'the caller waits on for the probe, its abort unheard');
  },
});
