/**
 * Owns the case of a limit on calls inside of a breaker.
 * It must never know a library.
 */
import type { Call } from '../call.ts';
import { defectCase, expectThat, presume } from '../defect-case.ts';
import { OPEN_FOR_MS, place } from '../steps.ts';

const LIMIT = 5;
const CALLS = 20;

export const ownRefusals = defectCase({
  name: 'own-refusals',
  promise: "A library's own refusals for lack of places do not open the circuit to a healthy server",
  needs: 'limitedBreaker',
  async run(make, world) {
    const breaker = make({ failures: LIMIT, openForMs: OPEN_FOR_MS, limit: LIMIT });
    const calls: Call[] = [];
    for (let call = 0; call < CALLS; call++) calls.push(await place(breaker, world));
    const running = calls.filter(({ started }) => started);
    presume(running.length === LIMIT, `${running.length} calls ran at once`);
    for (const call of running) call.succeed();
    await world.settle();
    expectThat((await place(breaker, world)).started, 'all places free and nothing failed, but the circuit is open');
  },
});
