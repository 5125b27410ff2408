/**
 * Owns the states of a breaker and the one function that leads from each to the next.
 * Must never know the time, nor why a breaker moves.
 */
import type { Clock } from '../clock.ts';

declare const permitBrand: unique symbol;

/**
 * The leave for one call: a plain number, so that taking it allocates nothing. While the breaker is closed all permits of
 * one closed period are the same number; a probe's permit is a number of its own. To any other breaker it is stale.
 */
export type Permit = number & { readonly [permitBrand]: true };

/** Calls pass: all of them, or while it recovers a growing share. */
export interface ClosedState {
  readonly name: 'closed';
  /** Present while it recovers, and after that until the next caller comes. */
  readonly ramp?: RecoveryRamp | undefined;
}

/** The line along which a breaker that has just closed comes back to all calls. Times are on the breaker's clock, in ms. */
export interface RecoveryRamp {
  /** When it began: the moment at which the probes closed the breaker. */
  readonly since: number;
  /** From then on every call passes. */
  readonly until: number;
  /** The share of calls that passes at first; it grows in a straight line to 1. */
  readonly from: number;
  /** The opening that it recovers from. */
  readonly after: OpenState;
}

/** Calls are refused. Times are on the breaker's clock, in ms. */
export interface OpenState {
  readonly name: 'open';
  /** When it opened. */
  readonly since: number;
  /** From then on the next caller becomes a probe. */
  readonly until: number;
  /** What the last failure before the opening was. */
  readonly cause: unknown;
  /** Why it opened, in words. */
  readonly reason: string;
  /** How often it has opened since it was last closed and recovered; the first is 1. */
  readonly openings: number;
  /** When the first of those openings was. */
  readonly firstSince: number;
}

/** A few calls pass as probes, the others are refused. */
export interface HalfOpenState {
  readonly name: 'half-open';
  /** When the first probe was let through. */
  readonly since: number;
  /** The open time that this is an attempt to end. */
  readonly after: OpenState;
  /** Probes that succeeded so far. */
  readonly successes: number;
  /** Probes under way. */
  readonly leases: readonly ProbeLease[];
}

/** The permit of one probe. Past its expiry another caller may have its place; until one takes it, it still counts. */
export interface ProbeLease {
  /** The number that settles this probe. */
  readonly permit: Permit;
  /** From then on another caller may have its place; on the breaker's clock, in ms. */
  readonly expiresAt: number;
}

/** Calls are refused by hand, for as long as any handle is held. */
export interface IsolatedState {
  readonly name: 'isolated';
  /** What holds it, the oldest first. */
  readonly isolations: readonly Isolation[];
  /** What it goes back to once the last handle is released. */
  readonly beneath: ClosedState | OpenState | HalfOpenState;
}

/** One call of `isolate()`. */
export interface Isolation {
  /** Why, in the words of whoever isolated it. */
  readonly reason: string;
}

/** Every state of a breaker; `name` tells them apart. */
export type BreakerState = ClosedState | OpenState | HalfOpenState | IsolatedState;

/** A state to begin in: what `fromSnapshot` gives. Without `recovers` no ramp goes on. */
export type Restore = (clock: Clock, options: { readonly recovers: boolean }) => BreakerState;

/** Where a ramp begins and ends. */
export type RampLine = Omit<RecoveryRamp, 'after'>;

/** How a breaker that has closed comes back to all calls: what `recoveryRamp` gives. */
export interface Recovery {
  /** The ramp that begins now. */
  lineFrom(now: number): RampLine;
  /** The pace of a breaker that is on this ramp: which calls pass. */
  along(ramp: RecoveryRamp): Pace;
}

/** A breaker on its ramp. */
export interface Pace {
  /** Whether the call that asks now passes. */
  passes(now: number): boolean;
  /** In how many ms a call would pass if nobody asked before; 0 when one would now. */
  waitMs(now: number): number;
}

/** Whatever can happen to a breaker. */
export type BreakerMove =
  | { readonly kind: 'open'; readonly opening: OpenState }
  | { readonly kind: 'probe'; readonly since: number; readonly leases: readonly ProbeLease[] }
  | { readonly kind: 'lend'; readonly since: number; readonly leases: readonly ProbeLease[] }
  | { readonly kind: 'return'; readonly permit: Permit }
  | { readonly kind: 'succeed'; readonly permit: Permit; readonly needed: number; readonly line?: RampLine | undefined }
  | { readonly kind: 'recover' }
  | { readonly kind: 'close' }
  | { readonly kind: 'isolate'; readonly isolation: Isolation }
  | { readonly kind: 'release'; readonly isolation: Isolation };

/**
 *     closed ──open──► open ──probe──► half-open ──succeed, often enough──► closed
 *                        ▲                 │
 *                        └──────open───────┘
 *
 * `close` leads to closed from anywhere, with a record begun anew; `recover` ends the ramp of a closed one; `isolate` lays
 * isolated on top of any state until the last `release`. While isolated, `open` and `close` change what lies beneath. A move
 * that has no arrow from where the breaker is changes nothing. A state is frozen throughout, for everybody is shown it; its
 * cause is not.
 */
export function transition(state: BreakerState, move: BreakerMove): BreakerState {
  return frozen(follow(state, move));
}

/** The same state, frozen with all that it is made of but its cause. */
export function frozen<State extends BreakerState>(state: State): State {
  if (state.name === 'closed' && state.ramp) frozen(Object.freeze(state.ramp).after);
  if (state.name === 'half-open') {
    Object.freeze(state.leases);
    frozen(state.after);
  }
  if (state.name === 'isolated') {
    Object.freeze(state.isolations).forEach(Object.freeze);
    frozen(state.beneath);
  }
  return Object.freeze(state);
}

function follow(state: BreakerState, move: BreakerMove): BreakerState {
  switch (move.kind) {
    case 'isolate':
      return isolate(state, move.isolation);
    case 'release':
      return release(state, move.isolation);
    case 'open':
      return become(state, move.opening);
    case 'close':
      return become(state, closed());
    case 'recover':
      return closed();
    case 'probe':
      return state.name === 'open' ? halfOpen(state, move) : state;
    default:
      return state.name === 'half-open' ? probe(state, move) : state;
  }
}

/** The opening that a state is about, if there was one. */
export function openingOf(state: Exclude<BreakerState, IsolatedState>): OpenState | undefined {
  if (state.name === 'open') return state;
  return state.name === 'closed' ? state.ramp?.after : state.after;
}

/** Whether an open time or a ramp is not over yet. */
export function stillRefuses(state: BreakerState, now: number): boolean {
  const line = state.name === 'closed' ? state.ramp : state;
  return line !== undefined && 'until' in line && now < line.until;
}

/** Which opening it would be if the breaker opened at `now`: whoever has not recovered from an opening counts on from it. */
export function nextOpening(state: BreakerState, now: number): Pick<OpenState, 'openings' | 'firstSince'> {
  if (state.name === 'isolated') return nextOpening(state.beneath, now);
  const last = openingOf(state);
  const hasRecovered = state.name === 'closed' && !stillRefuses(state, now);
  if (last === undefined || hasRecovered) return { openings: 1, firstSince: now };
  return state === last ? last : { openings: last.openings + 1, firstSince: last.firstSince };
}

/** A new closed state: each is its own, with its own record. */
export function closed(): ClosedState {
  return { name: 'closed' };
}

function halfOpen(after: OpenState, { since, leases }: Pick<HalfOpenState, 'since' | 'leases'>): HalfOpenState {
  return { name: 'half-open', since, after, successes: 0, leases };
}

type ProbeMove = Extract<BreakerMove, { readonly kind: 'lend' | 'return' | 'succeed' }>;

function probe(state: HalfOpenState, move: ProbeMove): BreakerState {
  if (move.kind === 'lend') return { ...state, leases: move.leases };
  const leases = state.leases.filter(({ permit }) => permit !== move.permit);
  if (move.kind === 'return') return { ...state, leases };
  const successes = state.successes + 1;
  if (successes < move.needed) return { ...state, successes, leases };
  return move.line ? { name: 'closed', ramp: { ...move.line, after: state.after } } : closed();
}

function become(state: BreakerState, next: ClosedState | OpenState): BreakerState {
  return state.name === 'isolated' ? { ...state, beneath: next } : next;
}

function isolate(state: BreakerState, isolation: Isolation): IsolatedState {
  if (state.name === 'isolated') return { ...state, isolations: [...state.isolations, isolation] };
  const beneath = state.name === 'half-open' ? { ...state, successes: 0, leases: [] } : state;
  return { name: 'isolated', isolations: [isolation], beneath };
}

function release(state: BreakerState, isolation: Isolation): BreakerState {
  if (state.name !== 'isolated') return state;
  const isolations = state.isolations.filter((held) => held !== isolation);
  return isolations.length === 0 ? state.beneath : { ...state, isolations };
}
