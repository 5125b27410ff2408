/**
 * Owns how opossum does what the cases ask for, with its timer per call switched off: it is the breaker that is asked.
 * It must never know a case.
 */
import { loadOpossum, type OpossumOptions } from '../../peers/opossum.ts';
import type { Work } from '../call.ts';
import type { BreakerOptions, Library, SavedBreaker } from '../library.ts';

/** It opens above this share, and not before `volumeThreshold` calls. */
const BELOW_HALF = 49;

export async function opossum(): Promise<Library> {
  const OpossumBreaker = await loadOpossum();
  const newBreaker = (options: BreakerOptions, saved?: unknown): SavedBreaker => {
    const { failures, openForMs, isNeutral, onOpen, onCall, prepare = (same) => same } = options;
    const given: OpossumOptions = {
      timeout: false,
      resetTimeout: openForMs,
      volumeThreshold: failures,
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
    breaker: newBreaker,
    savedBreaker: newBreaker,
    windowBreaker({ windowMs, minimumCalls, openForMs }) {
      const breaker = new OpossumBreaker((work: Work) => work(), {
        timeout: false,
        resetTimeout: openForMs,
        volumeThreshold: minimumCalls,
        errorThresholdPercentage: BELOW_HALF,
        rollingCountTimeout: windowMs,
      });
      return { call: (work) => breaker.fire(work) };
    },
  };
}
