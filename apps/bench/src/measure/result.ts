/**
 * Owns what is measured, the figures that come of it, and what becomes of them: a spread for each subject, and a verdict on ours.
 * It must never know how it was measured, nor how it is shown.
 */
import { type Spread, spreadOf } from './statistics.ts';

/** By subject, one figure per round. */
export type RawResult = Readonly<Record<string, readonly number[]>>;

/** By subject, all figures of several processes. */
export type Gathered = Record<string, readonly number[]>;

/** Puts the figures of one more process behind those that are there. */
export function gather(gathered: Gathered, raw: RawResult): void {
  for (const [subject, figures] of Object.entries(raw)) gathered[subject] = [...(gathered[subject] ?? []), ...figures];
}

export type Unit =
  | '× bare call'
  | '× bare pool'
  | '× a success'
  | "× the driver's pool"
  | 'bytes'
  | 'ms'
  | '× the best'
  | 'dials'
  | 'dials at once'
  | 'false timeouts'
  | 'bytes of heap per lease'
  | 'handles';

/** The most that ours may cost; `'best peer'`: no more than the peer that costs least. */
export type Budget = number | 'best peer';

export interface Measured {
  readonly name: string;
  /** What is measured, for a table. */
  readonly title: string;
  readonly unit: Unit;
  readonly budget: Budget;
}

export interface Result {
  readonly scenario: string;
  readonly title: string;
  readonly unit: Unit;
  readonly budget: Budget;
  readonly verdict: 'met' | 'missed' | 'not measured';
  /** By subject; a subject that cannot do it is not there. */
  readonly figures: Readonly<Record<string, Spread>>;
}

const OURS = 'cryo';
const REFERENCE = 'bare';

/** What is compared with a reference is given as ratios. */
export function judge({ name, title, unit, budget }: Measured, raw: RawResult): Result {
  const figures = Object.fromEntries(Object.entries(raw).map(([subject, values]) => [subject, spreadOf(values)]));
  const ours = figures[OURS]?.median;
  const most = budget === 'best peer' ? leastOfPeers(figures) : budget;
  const verdict = ours === undefined || most === undefined ? 'not measured' : ours <= most ? 'met' : 'missed';
  return { scenario: name, title, unit, budget, verdict, figures };
}

function leastOfPeers(figures: Result['figures']): number | undefined {
  const peers = Object.entries(figures).filter(([subject]) => subject !== OURS && subject !== REFERENCE);
  return peers.length === 0 ? undefined : Math.min(...peers.map(([, { median }]) => median));
}
