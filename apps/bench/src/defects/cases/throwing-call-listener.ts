/**
 * Owns the case of a listener that throws as a call succeeds.
 * It must never know a library.
 */
import { defectCase, expectThat } from '../defect-case.ts';
import { place, QUICK } from '../steps.ts';

export const throwingCallListener = defectCase({
  name: 'throwing-call-listener',
  promise: 'A listener that throws when it is told of a call does not change how the call ends',
  needs: 'breaker',
  alsoNeeds: 'hearsCalls',
  async run(make, world) {
    const breaker = make({
      ...QUICK,
      onCall() {
        throw new Error('the listener is broken');
      },
    });
    const call = await place(breaker, world);
    call.succeed('answer');
    await world.settle();
    const { ending } = call;
    expectThat(ending.kind === 'result' && ending.value === 'answer', 'the caller got the error of the listener');
  },
});
