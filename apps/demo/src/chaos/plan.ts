/**
 * Owns what may go wrong on purpose, and when: the faults by name and the window they act in.
 * It must never know how a fault is done.
 */

/**
 * - `slow`: every query takes twelve times as long.
 * - `dial-failures`: no new connection can be opened.
 * - `kill`: every live connection breaks at the start of the window, and again each second of it.
 */
export const FAULTS = ['slow', 'dial-failures', 'kill'] as const;

export type Fault = (typeof FAULTS)[number];

export interface ChaosPlan {
  readonly faults: readonly Fault[];
  /** When the faults begin, counted from the start of the load. */
  readonly atMs: number;
  readonly forMs: number;
}

const DEFAULT_WINDOW_MS = 3_000;

/** Where the window of an endless run begins. */
const ENDLESS_START_MS = 10_000;

/** The faults of a list such as `slow,kill`, or of `all`; the names that are none are answered apart. */
export function parseFaults(list: string): { readonly faults: readonly Fault[]; readonly unknown: readonly string[] } {
  if (list === 'all') return { faults: FAULTS, unknown: [] };
  const names = list.split(',').map((name) => name.trim());
  return {
    faults: FAULTS.filter((fault) => names.includes(fault)),
    unknown: names.filter((name) => !FAULTS.some((fault) => fault === name)),
  };
}

/** The window: three seconds in the middle of the run, but for what is said of it. */
export function planChaos(
  faults: readonly Fault[],
  run: { readonly durationMs: number; readonly atMs: number | undefined; readonly forMs: number | undefined },
): ChaosPlan {
  const forMs = run.forMs ?? Math.min(DEFAULT_WINDOW_MS, run.durationMs / 2);
  const middleMs = run.durationMs === Infinity ? ENDLESS_START_MS : Math.max(0, (run.durationMs - forMs) / 2);
  return { faults, atMs: run.atMs ?? middleMs, forMs };
}
