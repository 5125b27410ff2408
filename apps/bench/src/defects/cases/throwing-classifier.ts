/**
 * Owns the case of a classifier of errors that throws itself.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { failOnce, QUICK } from '../steps.ts';

const HOUR_MS = 3_600_000;

export const throwingClassifier = defectCase({
  name: 'throwing-classifier',
  promise: 'A classifier of errors that throws does not hide the error of the call',
  needs: 'breaker',
  async run(make, world) {
    const breaker = make({
      ...QUICK,
      isNeutral() {
        throw new Error('the classifier is broken');
      },
    });
    const error = new Error('the server is down');
    const call = await failOnce(breaker, world, error);
    await world.advance(HOUR_MS);
    const { ending } = call;
    expectThat(ending.kind !== 'pending', 'the call never ended');
    expectThat(ending.kind === 'error' && ending.error === error, 'the caller got the error of the classifier');
  },
});
