/**
 * Owns the shapes of demand: how much of the full load is on at each moment of a run.
 * It must never know what a request is, nor how it is sent.
 */

export const PROFILES = ['steady', 'burst', 'ramp', 'spike'] as const;

export type Profile = (typeof PROFILES)[number];

/** How the load is made. Times in ms; `durationMs` is Infinity for a run that ends by signal. */
export interface LoadPlan {
  readonly profile: Profile;
  readonly workers: number;
  /** `closed`: each worker waits for its answer, thinks, and asks again. `open`: requests arrive at a rate, answered or not. */
  readonly loop:
    | { readonly kind: 'closed'; readonly thinkMs: number }
    | { readonly kind: 'open'; readonly ratePerSecond: number };
  readonly durationMs: number;
  readonly seed: number;
}

/** Callers at full load, when nobody says otherwise. */
export const DEFAULT_WORKERS: Readonly<Record<Profile, number>> = { steady: 40, burst: 60, ramp: 80, spike: 100 };

/** The share of the load that goes on between bursts, before a ramp and around a spike. */
const CALM = 0.1;

const BURSTS = 4;

/**
 * The share of the full load at a moment, from 0 to 1.
 *
 * - `steady`: all of it, all the time.
 * - `burst`: four bursts, each a quarter of the time long in its own quarter, calm between.
 * - `ramp`: from calm to full over three quarters of the time, then full.
 * - `spike`: calm, full from 20 % to 50 % of the time, calm again.
 *
 * @param progress how much of the run has passed, from 0 to 1; an endless run goes round
 */
export function levelAt(profile: Profile, progress: number): number {
  switch (profile) {
    case 'steady':
      return 1;
    case 'burst': {
      const withinQuarter = (progress * BURSTS) % 1;
      return withinQuarter >= 0.5 && withinQuarter < 0.75 ? 1 : CALM;
    }
    case 'ramp':
      return Math.min(1, CALM + (1 - CALM) * (progress / 0.75));
    case 'spike':
      return progress >= 0.2 && progress < 0.5 ? 1 : CALM;
  }
}

/** How many of the workers are at work at a moment: at least one. */
export function workersAt(profile: Profile, progress: number, workers: number): number {
  return Math.max(1, Math.round(levelAt(profile, progress) * workers));
}

/** The load at its fullest, in words. */
export function describeFullLoad({ loop, workers }: LoadPlan): string {
  return loop.kind === 'closed' ? `up to ${workers} workers` : `up to ${loop.ratePerSecond} requests per second`;
}

/**
 * The time to the next arrival of a Poisson process, in ms.
 *
 * @param draw a number from 0 up to, but not including, 1
 */
export function arrivalGapMs(ratePerSecond: number, draw: number): number {
  return (-Math.log(1 - draw) * 1_000) / ratePerSecond;
}
