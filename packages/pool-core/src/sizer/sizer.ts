/**
 * Owns the two questions that a pool asks whoever decides its bounds.
 * It must never know how a plan is carried out.
 */
import { OptionCheck } from '@cryo/resilience';
import type { PoolSnapshot, SizeBounds } from '../snapshot.ts';

/** The bounds that the caller set, by settings or `resize()`, with the most that a sizer may raise `max` to. */
export interface SizeBaseline extends SizeBounds {
  /** The most that a sizer may raise `max` to. */
  readonly absoluteMax: number;
}

/** What a sizer sees. */
export interface SizerView {
  /** The pool as it is now. */
  readonly snapshot: PoolSnapshot;
  /** False while the dial breaker is not closed or the server says that it has no place for more connections. */
  readonly growthAllowed: boolean;
}

/** Decides the bounds of one pool. */
export interface Sizer {
  /**
   * The bounds to have from now on, or `undefined` to leave them. Asked about once a second; an answer is put in force
   * at once. Time is `snapshot.atMs`. Whole numbers, `min` from 0 to `max`, and `max` from 1 to `absoluteMax`: anything else changes
   * nothing, and is told as `listener-failed`.
   */
  plan(view: SizerView): SizeBounds | undefined;
  /** The caller set new bounds with `resize()`. */
  rebase(bounds: SizeBounds): void;
}

/** A plan that can be carried out. @throws InvalidOptionsError listing every fault */
export function checkPlan(plan: SizeBounds, absoluteMax: number): void {
  const check = new OptionCheck('sizer.plan');
  if (check.type('plan', plan, 'object')) {
    const { min, max } = plan;
    const range = { integer: true, max: absoluteMax, unit: 'connections' };
    if (check.number('max', max, { ...range, min: 1 })) check.number('min', min, { ...range, min: 0, max });
  }
  check.throwIfFaulty();
}

/** A sizer that is ready to be given a pool. */
export interface SizerFactory {
  /** What the sizer is called, such as `elastic`. */
  readonly name: string;
  /** A sizer for one pool, which begins with these bounds. */
  start(baseline: SizeBaseline): Sizer;
}
