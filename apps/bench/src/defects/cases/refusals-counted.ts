/**
 * Owns the case of a circuit that refused many calls before it closed.
 * It must never know a library.
 */
import { defectCase, expectThat, presume } from '../defect-case.ts';
import { failOnce, OPEN_FOR_MS, openUp, place, sendProbe } from '../steps.ts';

const FAILURES = 5;
const REFUSALS = 500;

export const refusalsCounted = defectCase({
  name: 'refusals-counted',
  promise: 'Calls refused while the circuit was open do not blunt it once it is closed again',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make({ failures: FAILURES, openForMs: OPEN_FOR_MS });
    await openUp(breaker, world);
    for (let refusal = 0; refusal < REFUSALS; refusal++) await place(breaker, world);
    (await sendProbe(breaker, world)).succeed();
    await world.settle();
    const probing = await place(breaker, world);
    presume(probing.started, 'it did not close after the probe');
    probing.succeed();
    let failures = 0;
    while (failures < 2 * REFUSALS && (await failOnce(breaker, world)).started) failures++;
    expectThat(failures <= 2 * FAILURES, `it took ${failures} failures in a row to open it again, not ${FAILURES}`);
  },
});
