/**
 * Owns what a runtime is to the command, and when a case holds on it.
 * It must never know how any runtime is started.
 */
import type { Case } from './case.ts';
import type { Place } from './place.ts';

/** A case runs to its end, throws nothing, leaves no rejection unhandled, and has made the assertions it is there for. */
export type Ending =
  | { readonly reached: true; readonly assertions: number }
  | { readonly reached: false; readonly fault: string };

export interface Runtime {
  readonly name: string;
  readonly version: string;
  /** What a case needs beyond a web platform is there in a program's runtime, and nowhere else. */
  readonly platform: 'program' | 'web';
  /** Runs every case, each in a world of its own. Never rejects because of a case. */
  run(place: Place, cases: readonly Case[]): Promise<ReadonlyMap<Case, Ending>>;
}

/** A runtime that was looked for. */
export type Sought =
  | { readonly state: 'found'; readonly runtime: Runtime }
  | { readonly state: 'missing'; readonly name: string; readonly reason: string };

export interface Judgement {
  readonly case: Case;
  readonly verdict: 'holds' | 'fails' | 'left out';
  /** Why it fails, or is left out. */
  readonly reason: string;
}

export async function judge(runtime: Runtime, place: Place, cases: readonly Case[]): Promise<readonly Judgement[]> {
  const fit = cases.filter((one) => fits(runtime, one));
  const endings = await runtime.run(place, fit);
  return cases.map((one) => {
    if (!fits(runtime, one)) return { case: one, verdict: 'left out', reason: `needs ${one.needs.join(', ')}` };
    const reason = faultOf(one, endings.get(one));
    return { case: one, verdict: reason === '' ? 'holds' : 'fails', reason };
  });
}

function fits({ platform }: Runtime, { needs }: Case): boolean {
  return platform === 'program' || needs.length === 0;
}

function faultOf({ asserts }: Case, ending: Ending | undefined): string {
  if (ending === undefined) return 'the runtime said nothing of it';
  if (!ending.reached) return ending.fault;
  return asserts && ending.assertions === 0 ? 'reached its end without a single assertion' : '';
}
