/**
 * Owns the case of a call that succeeds although its caller has aborted.
 * It must never know a library.
 */
import { Call } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';

export const successDiscarded = defectCase({
  name: 'success-discarded',
  promise: 'The result of an attempt that succeeded is not thrown away because of an abort meanwhile',
  needs: 'retry',
  alsoNeeds: 'canAbort',
  async run(make, world) {
    const retry = make({ retries: 3, firstMs: 10, mostMs: 10, factor: 1, waits: 'exact' });
    const abort = new AbortController();
    const call = new Call((work) => retry.run(work, abort.signal));
    await world.settle();
    abort.abort();
    call.succeed('written');
    await world.settle();
    const { ending } = call;
    expectThat(ending.kind === 'result' && ending.value === 'written', 'the caller got an error for a committed write');
  },
});
