/**
 * Owns how opossum does what the cases ask for, over a window of time without its percentiles.
 * It must never know a case.
 */
import { loadOpossum, type Opossum, type OpossumOptions } from '../../peers/opossum.ts';
import type { Work } from '../call.ts';
import type { BreakerOptions, HeedfulWork, Library, SavedBreaker } from '../library.ts';

/** It opens above this share, and not before `volumeThreshold` calls. */
const BELOW_HALF = 49;

export async function opossum(): Promise<Library> {
  const OpossumBreaker = await loadOpossum();
  const newBreaker = (options: BreakerOptions, saved?: unknown): SavedBreaker => {
    const { failures, openForMs, isNeutral, onOpen, onCall, timerOnCalls, prepare = (same) => same } = options;
    const given: OpossumOptions = {
      resetTimeout: openForMs,
      volumeThreshold: failures,
      ...(timerOnCalls === 'off' ? { timeout: false } : {}),
      ...(isNeutral === undefined ? {} : { errorFilter: isNeutral }),
      ...(saved === undefined ? {} : { state: (saved as { readonly state: unknown }).state }),
    };
    const breaker = new OpossumBreaker((work: Work) => work(), prepare(given));
    if (onOpen !== undefined) breaker.on('open', onOpen);
    if (onCall !== undefined) breaker.on('success', onCall);
    return { call: (work) => breaker.fire(work), save: () => breaker.toJSON() };
  };
  return {
    name: 'opossum',
    hearsCalls: true,
    givesSignal: true,
    breaker: newBreaker,
    savedBreaker: newBreaker,
    checkedBreaker({ failures, openForMs, check }) {
      const breaker = new OpossumBreaker((work: Work) => work(), {
        resetTimeout: openForMs,
        volumeThreshold: failures,
      });
      breaker.healthCheck(check);
      return { call: (work) => breaker.fire(work), end: () => breaker.shutdown() };
    },
    windowBreaker({ windowMs, minimumCalls, openForMs }) {
      const breaker = new OpossumBreaker((work: Work) => work(), {
        timeout: false,
        resetTimeout: openForMs,
        volumeThreshold: minimumCalls,
        errorThresholdPercentage: BELOW_HALF,
        rollingCountTimeout: windowMs,
        rollingPercentilesEnabled: false,
      });
      return { call: (work) => breaker.fire(work) };
    },
    ...limits(OpossumBreaker),
  };
}

function limits(OpossumBreaker: Opossum): Pick<Library, 'limitedBreaker' | 'timeout'> {
  return {
    limitedBreaker({ failures, openForMs, limit }) {
      const given = { timeout: false, resetTimeout: openForMs, volumeThreshold: failures, capacity: limit } as const;
      const breaker = new OpossumBreaker((work: Work) => work(), given);
      return { call: (work) => breaker.fire(work) };
    },
    timeout({ ms }) {
      const abortController = new AbortController();
      const given = { timeout: ms, abortController, volumeThreshold: Number.MAX_SAFE_INTEGER };
      const breaker = new OpossumBreaker((work: HeedfulWork) => work(abortController.signal), given);
      return { run: (work) => breaker.fire(work) };
    },
  };
}
