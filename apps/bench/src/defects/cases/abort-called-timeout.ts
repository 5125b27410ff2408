/**
 * Owns the case of a caller that aborts long before the timeout.
 * It must never know a library.
 */
import { Watched } from '../call.ts';
import { defectCase, expectThat, presume } from '../defect-case.ts';
import type { Library } from '../library.ts';
import type { World } from '../world.ts';

const TIMEOUT_MS = 10_000;
const ABORT_AFTER_MS = 50;

export const abortCalledTimeout = defectCase({
  name: 'abort-called-timeout',
  promise: "A caller's own abort is not reported as a timeout, neither to the caller nor to whoever listens or counts",
  needs: 'timeout',
  alsoNeeds: 'canAbort',
  async run(make, world) {
    presume(await tellsOfTimeouts(make, world), 'it does not tell of a call that times out');
    const abort = new AbortController();
    const timeout = make({ ms: TIMEOUT_MS });
    const watched = new Watched(timeout.run(() => new Promise(() => {}), abort.signal));
    await world.advance(ABORT_AFTER_MS);
    abort.abort();
    await world.advance(1);
    const { ending } = watched;
    expectThat(ending.kind === 'error', 'the abort was not heard');
    const words =
      ending.kind === 'error' && ending.error instanceof Error ? `${ending.error.name}: ${ending.error.message}` : '';
    const isTold = (timeout.told?.() ?? 0) > 0;
    const also = isTold ? ', and listeners were told of a timeout' : '';
    const isCalledTimeout = /time(?:d )?-?out/i.test(words);
    expectThat(!isCalledTimeout, `${ABORT_AFTER_MS} ms after the start the caller got '${words}'${also}`);
    expectThat(!isTold, 'it was counted as a timeout');
  },
});

/** Whether it tells of a timeout once, where it tells of any. */
async function tellsOfTimeouts(make: NonNullable<Library['timeout']>, world: World): Promise<boolean> {
  const timeout = make({ ms: TIMEOUT_MS });
  timeout.run(() => new Promise(() => {})).catch(() => {});
  await world.advance(2 * TIMEOUT_MS);
  return timeout.told === undefined || timeout.told() === 1;
}
