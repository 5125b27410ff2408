/**
 * Owns the judgement of a soak: what the samples of its memory and handles say, and what is left at its end.
 * It must never take a sample itself.
 */

export interface Sample {
  readonly atMs: number;
  /** After a collection of garbage. */
  readonly heapBytes: number;
  /** What keeps the process alive: sockets, timers and the like. */
  readonly handles: number;
}

/** What is left once the pool is closed; all of it should be 0. */
export interface Leftovers {
  readonly connections: number;
  readonly watches: number;
  readonly live: number;
  readonly abandoned: number;
  readonly waiting: number;
  readonly unhandledRejections: number;
  /** Requests that were neither granted nor refused. */
  readonly unanswered: number;
  /** Leases granted less leases released, by the pool's own count. */
  readonly unreturned: number;
  /** Handles beyond those of the beginning. */
  readonly handles: number;
}

export interface Verdict {
  readonly slopeKilobytesPerMinute: number;
  readonly faults: readonly string[];
}

/** A leak of a record per request would show as megabytes a minute; noise of the collector as some tens of kilobytes. */
const MOST_KILOBYTES_PER_MINUTE = 256;
/** The first part of a run fills caches, histograms and compiled code. */
const WARM_UP_SHARE = 1 / 3;

export function judgeSoak(samples: readonly Sample[], leftovers: Leftovers): Verdict {
  const slope = slopeOf(samples.slice(Math.floor(samples.length * WARM_UP_SHARE)));
  const faults = Object.entries(leftovers)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${count} ${name} are left`);
  if (slope > MOST_KILOBYTES_PER_MINUTE)
    faults.push(`the heap grows by ${slope.toFixed(0)} KB a minute, ${MOST_KILOBYTES_PER_MINUTE} at most`);
  return { slopeKilobytesPerMinute: slope, faults };
}

/** Least squares. */
function slopeOf(samples: readonly Sample[]): number {
  if (samples.length < 2) return 0;
  const mean = (read: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + read(sample), 0) / samples.length;
  const meanMs = mean(({ atMs }) => atMs);
  const meanBytes = mean(({ heapBytes }) => heapBytes);
  let covariance = 0;
  let variance = 0;
  for (const { atMs, heapBytes } of samples) {
    covariance += (atMs - meanMs) * (heapBytes - meanBytes);
    variance += (atMs - meanMs) ** 2;
  }
  return variance === 0 ? 0 : ((covariance / variance) * 60_000) / 1_024;
}
