/**
 * Owns the case of a listener that throws as the circuit opens.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { FAILURES, failOnce, place, QUICK } from '../steps.ts';

const HOUR_MS = 3_600_000;

export const throwingOpenListener = defectCase({
  name: 'throwing-open-listener',
  promise: 'A listener that throws when the circuit opens does not hide the error of the call that opened it',
  needs: 'breaker',
  async run(make, world) {
    let told = false;
    const breaker = make({
      ...QUICK,
      onOpen() {
        told = true;
        throw new Error('the listener is broken');
      },
    });
    const error = new Error('the server is down');
    for (let failure = 1; failure < FAILURES; failure++) await failOnce(breaker, world);
    const call = await failOnce(breaker, world, error);
    const isOpen = told && !(await place(breaker, world)).started;
    await world.advance(HOUR_MS);
    const { ending } = call;
    expectThat(ending.kind !== 'pending', 'the call that opened the circuit never ended');
    expectThat(ending.kind === 'error' && ending.error === error, 'the caller got the error of the listener');
    expectThat(isOpen, 'the circuit did not open');
  },
});
