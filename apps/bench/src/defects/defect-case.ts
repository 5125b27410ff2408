/**
 * Owns what a case is: a promise in one sentence, and a run that shows whether a library keeps it.
 * It must never know a library.
 */
import type { Library } from './library.ts';
import type { World } from './world.ts';

/** `absent`: the library has no such thing, so it promises nothing; `why` says what is missing. */
export type Verdict =
  | { readonly kind: 'holds' }
  | { readonly kind: 'breaks'; readonly how: string }
  | { readonly kind: 'absent'; readonly why?: string };

export interface DefectCase<Tested = Library> {
  readonly name: string;
  /** What a library should do. */
  readonly promise: string;
  readonly time: 'virtual' | 'real';
  run(library: Tested, world: World): Promise<Verdict>;
}

type Feature =
  | 'breaker'
  | 'windowBreaker'
  | 'savedBreaker'
  | 'checkedBreaker'
  | 'limitedBreaker'
  | 'bulkhead'
  | 'timeout'
  | 'retry'
  | 'defaultRetry';

interface CaseDefinition<Needed extends Feature> {
  readonly name: string;
  readonly promise: string;
  /** Default virtual. Real where the order of the event loop or the cost of a call is what matters. */
  readonly time?: 'real';
  readonly needs: Needed;
  readonly alsoNeeds?: 'hearsCalls' | 'givesSignal' | 'canAbort' | 'canIsolate';
  /** Throws what `expectThat` throws where the promise is broken. */
  run(make: NonNullable<Library[Needed]>, world: World): Promise<void>;
}

export function defectCase<Needed extends Feature>(definition: CaseDefinition<Needed>): DefectCase {
  const { name, promise, time = 'virtual', needs, alsoNeeds } = definition;
  return {
    name,
    promise,
    time,
    async run(library, world) {
      const make = library[needs];
      if (make === undefined || (alsoNeeds !== undefined && !library[alsoNeeds])) return { kind: 'absent' };
      return await verdictOf(() => definition.run(make, world));
    },
  };
}

/** What a run says that throws what `expectThat` throws where the promise is broken. */
export async function verdictOf(run: () => Promise<void>): Promise<Verdict> {
  try {
    await run();
    return { kind: 'holds' };
  } catch (error) {
    if (error instanceof BrokenPromise) return { kind: 'breaks', how: error.message };
    throw error;
  }
}

class BrokenPromise extends Error {}

/** Ends the case as broken, with what happened instead, unless the condition holds. */
export function expectThat(condition: boolean, whatHappened: string): void {
  if (!condition) throw new BrokenPromise(whatHappened);
}

/** Ends the case as unfit: the library did not get to where the promise is tested, which says nothing about it. */
export function presume(condition: boolean, what: string): void {
  if (!condition) throw new Error(`The case does not fit this library: ${what}`);
}
