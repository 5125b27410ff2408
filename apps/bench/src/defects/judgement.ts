/**
 * Owns what the end of a case's process says: the verdict it printed, a hang that is a broken promise, or no verdict at all.
 * It must never know how a case runs, nor how a verdict is shown.
 */
import type { Ending } from '../processes.ts';
import type { Verdict } from './defect-case.ts';

/** `unfit`: the case itself failed, which is a fault of the suite and says nothing about the library. */
export type Judgement = Verdict | { readonly kind: 'unfit'; readonly how: string };

export interface Row {
  readonly name: string;
  readonly promise: string;
  /** By library. */
  readonly judgements: Readonly<Record<string, Judgement>>;
}

export function judgeEnding(ending: Ending): Judgement {
  if (ending.kind === 'hung') return { kind: 'breaks', how: `nothing happened any more within ${ending.limitMs} ms` };
  if (ending.kind === 'failed') return { kind: 'unfit', how: ending.words };
  try {
    return JSON.parse(ending.answer);
  } catch {
    return { kind: 'unfit', how: `it answered '${ending.answer}'` };
  }
}

/** How many cases of those that concern it a library keeps. */
export function countKept(rows: readonly Row[], library: string): { readonly holds: number; readonly of: number } {
  const kinds = rows.map(({ judgements }) => judgements[library]?.kind);
  const holds = kinds.filter((kind) => kind === 'holds').length;
  return { holds, of: holds + kinds.filter((kind) => kind === 'breaks').length };
}
