/**
 * Owns how p-retry does what the cases ask for.
 * It must never know a case.
 */
import { loadPRetry } from '../../peers/p-retry.ts';
import type { Library } from '../library.ts';

export async function pRetry(): Promise<Library> {
  const run = await loadPRetry();
  const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });
  return {
    name: 'p-retry',
    canAbort: true,
    retry({ retries, firstMs, mostMs, factor, waits }) {
      const given = { retries, minTimeout: firstMs, maxTimeout: mostMs, factor, randomize: waits === 'drawn' };
      return { run: (work, signal) => run(work, { ...given, ...withSignal(signal) }) };
    },
    defaultRetry: () => ({ run: (work, signal) => run(work, withSignal(signal)) }),
  };
}
