/**
 * Owns the case of a caller that aborts long before the timeout.
 * It must never know a library.
 */
import { Watched } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';

const TIMEOUT_MS = 10_000;
const ABORT_AFTER_MS = 50;

export const abortCalledTimeout = defectCase({
  name: 'abort-called-timeout',
  promise: "A caller's own abort is not reported as a timeout",
  needs: 'timeout',
  alsoNeeds: 'canAbort',
  async run(make, world) {
    const abort = new AbortController();
    const watched = new Watched(make({ ms: TIMEOUT_MS }).run(() => new Promise(() => {}), abort.signal));
    await world.advance(ABORT_AFTER_MS);
    abort.abort();
    await world.advance(1);
    const { ending } = watched;
    expectThat(ending.kind === 'error', 'the abort was not heard');
    const words =
      ending.kind === 'error' && ending.error instanceof Error ? `${ending.error.name}: ${ending.error.message}` : '';
    expectThat(!/time(?:d )?-?out/i.test(words), `${ABORT_AFTER_MS} ms after the start the caller got '${words}'`);
  },
});
