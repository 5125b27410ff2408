/**
 * Owns what can be asked whether work is still wanted.
 * Must never know how a scope works, so that whoever never makes one need not have it.
 */
import type { AbortSignal } from './deadline.ts';

/** What a policy has put around work, which aborts by itself or with what is around it. */
export interface AbortScope {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** Made when it is first read. */
  readonly signal: AbortSignal;
  /** Whose wish it is when the work is cancelled; a time limit is nobody's wish. */
  readonly caller: AbortSource | undefined;
  /** The signal of the caller's around it, unless something in between ends the caller's waiting when that aborts. */
  readonly waitingCaller: AbortSignal | undefined;
  /** How often it has begun anew. A context reads its scope only in the turn in which it was made. */
  readonly turn: number;
  /** For whoever hands it on: it must not begin anew. */
  keep(): void;
}

/** The caller's own signal, or the scope of the innermost policy that has put one around the work. */
export type AbortSource = AbortSignal | AbortScope;

/** What tells a scope from every signal of a platform. */
export function isScope(source: AbortSource | undefined): source is AbortScope {
  return source !== undefined && 'turn' in source;
}

/** The signal of a source, made if need be. */
export function signalOf(source: AbortSource): AbortSignal;
export function signalOf(source: AbortSource | undefined): AbortSignal | undefined;
export function signalOf(source: AbortSource | undefined): AbortSignal | undefined {
  return isScope(source) ? source.signal : source;
}

/** Who may not want the work any more. */
export function callerOf(source: AbortSource | undefined): AbortSource | undefined {
  return isScope(source) ? source.caller : source;
}
