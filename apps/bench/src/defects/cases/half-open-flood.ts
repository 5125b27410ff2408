/**
 * Owns the case of many callers who come while one call probes.
 * It must never know a library.
 */
import type { Call } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';
import { openUp, place, QUICK, sendProbe } from '../steps.ts';

const CALLERS = 1_000;
const TOLERATED = 10;

export const halfOpenFlood = defectCase({
  name: 'half-open-flood',
  promise: 'Callers who came while a probe was out do not all fall upon the server that has just recovered',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make(QUICK);
    await openUp(breaker, world);
    const probe = await sendProbe(breaker, world);
    const callers: Call[] = [];
    for (let caller = 0; caller < CALLERS; caller++) callers.push(await place(breaker, world));
    probe.succeed();
    await world.settle();
    const started = callers.filter((caller) => caller.started).length;
    expectThat(started <= TOLERATED, `${started} of ${CALLERS} parked calls started at the same moment`);
  },
});
