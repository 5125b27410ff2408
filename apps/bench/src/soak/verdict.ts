/**
 * Owns the judgement of a soak: what the samples of its memory and handles say, and what is left at its end.
 * It must never take a sample itself.
 */

export interface Sample {
  readonly atMs: number;
  /** After a collection of garbage. */
  readonly heapBytes: number;
  /** What objects hold beyond the heap, buffers above all. */
  readonly externalBytes: number;
  /** What keeps the process alive: sockets, timers and the like. */
  readonly handles: number;
}

/** What is left once the pool is closed, by name; all of it should be 0. */
export type Leftovers = Readonly<Record<string, number>>;

export interface Verdict {
  readonly slopeKilobytesPerMinute: number;
  readonly faults: readonly string[];
}

/** A leak of a record per request would show as megabytes a minute; noise of the collector as some tens of kilobytes. */
const MOST_KILOBYTES_PER_MINUTE = 256;
/** The first part of a run fills caches, histograms and compiled code. */
const WARM_UP_SHARE = 1 / 2;

/** @param seen what went wrong on the way, in words */
export function judgeSoak(samples: readonly Sample[], leftovers: Leftovers, seen: readonly string[] = []): Verdict {
  const slope = slopeOf(samples.slice(Math.floor(samples.length * WARM_UP_SHARE)));
  const left = Object.entries(leftovers).filter(([, count]) => count !== 0);
  const faults = [...seen, ...left.map(([name, count]) => `${count} ${name} are left`)];
  if (slope > MOST_KILOBYTES_PER_MINUTE)
    faults.push(`the heap grows by ${slope.toFixed(0)} KB a minute, ${MOST_KILOBYTES_PER_MINUTE} at most`);
  return { slopeKilobytesPerMinute: slope, faults };
}

/** The median of the slopes between any two samples (Theil and Sen): one look at a bad moment changes nothing. */
function slopeOf(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((from, index) =>
    samples.slice(index + 1).map((to) => (to.heapBytes - from.heapBytes) / (to.atMs - from.atMs)),
  );
  const middle = slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0;
  return (middle * 60_000) / 1_024;
}
