/**
 * Owns the case of a classifier of errors that throws itself.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { failOnce, QUICK } from '../steps.ts';

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
    const { ending } = await failOnce(breaker, world, error);
    expectThat(ending.kind !== 'pending', 'the call never ended');
    expectThat(ending.kind === 'error' && ending.error === error, 'the caller got the error of the classifier');
  },
});
