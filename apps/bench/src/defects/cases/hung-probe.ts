/**
 * Owns the case of a probe that never settles.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import type { Breaker } from '../library.ts';
import { OPEN_FOR_MS, openUp, place, QUICK, sendProbe } from '../steps.ts';
import type { World } from '../world.ts';

const HOUR_MS = 3_600_000;
const CALLERS = 10;

export const hungProbe = defectCase({
  name: 'hung-probe',
  promise: 'A probe that never settles does not keep the circuit from ever probing again',
  needs: 'breaker',
  run: (make, world) => hang(make(QUICK), world),
});

export const untimedHungProbe = defectCase({
  name: 'hung-probe-untimed',
  promise: 'Nor does it where no timer ends the call, as for work that may take long',
  needs: 'breaker',
  run: (make, world) => hang(make({ ...QUICK, timerOnCalls: 'off' }), world),
});

async function hang(breaker: Breaker, world: World): Promise<void> {
  await openUp(breaker, world);
  await sendProbe(breaker, world);
  await world.advance(HOUR_MS);
  const callers = [];
  for (let caller = 0; caller < CALLERS; caller++) {
    callers.push(await place(breaker, world));
    await world.advance(OPEN_FOR_MS / 2);
  }
  const pending = callers.filter(({ ending }) => ending.kind === 'pending').length;
  const got = pending === CALLERS ? 'never got an answer' : 'were refused';
  const isProbing = callers.some(({ started }) => started);
  expectThat(isProbing, `an hour later all of ${CALLERS} callers ${got}`);
}
