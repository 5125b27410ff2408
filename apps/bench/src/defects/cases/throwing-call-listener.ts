/**
 * Owns the case of a listener that throws as a call succeeds.
 * It must never know a library.
 */
import type { Ending } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';
import type { Breaker } from '../library.ts';
import { FAILURES, place, QUICK } from '../steps.ts';
import type { World } from '../world.ts';

const ANSWER = 'answer';

export const throwingCallListener = defectCase({
  name: 'throwing-call-listener',
  promise: 'A listener that throws when it is told of a call changes neither how the call ends nor what it counts as',
  needs: 'breaker',
  alsoNeeds: 'hearsCalls',
  async run(make, world) {
    const breaker = make({
      ...QUICK,
      onCall() {
        throw new Error('the listener is broken');
      },
    });
    const endings: Ending[] = [];
    for (let success = 0; success < FAILURES; success++) endings.push(await succeedOnce(breaker, world));
    const isOpen = !(await place(breaker, world)).started;
    const isAnswered = endings.every((ending) => ending.kind === 'result' && ending.value === ANSWER);
    const opened = isOpen ? `, and ${FAILURES} successes opened the circuit` : '';
    expectThat(isAnswered, `the caller got the error of the listener${opened}`);
    expectThat(!isOpen, `${FAILURES} successes opened the circuit`);
  },
});

async function succeedOnce(breaker: Breaker, world: World): Promise<Ending> {
  const call = await place(breaker, world);
  call.succeed(ANSWER);
  await world.settle();
  return call.ending;
}
