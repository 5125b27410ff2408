/**
 * Owns the slices on a real server: callers that ask again at once, each pool in turn, and what one is over the other.
 * It must never know a library, nor a statement.
 */
import type { RawResult } from '../measure/result.ts';
import { rotated } from '../measure/rounds.ts';
import { quantile, ratiosByRound } from '../measure/statistics.ts';

/** Asks once. */
export type Ask = () => Promise<unknown>;

/** One slice; in ms. */
export interface Slice {
  readonly perOperationMs: number;
  /** All but one of a hundred operations take no longer. */
  readonly p99Ms: number;
  /** What an operation takes of the cores in this process, the server's share left out. */
  readonly processorMs: number;
}

export interface SliceOptions {
  readonly callers: number;
  readonly lengthMs: number;
}

/** Every caller asks again until the time is over; what was asked by then is waited for and counted. */
export async function runSlice(ask: Ask, { callers, lengthMs }: SliceOptions): Promise<Slice> {
  const latencies: number[] = [];
  const startUsage = process.cpuUsage();
  const startMs = performance.now();
  const call = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs - startMs < lengthMs; ) {
      await ask();
      const answeredMs = performance.now();
      latencies.push(answeredMs - nowMs);
      nowMs = answeredMs;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const perOperationMs = (performance.now() - startMs) / latencies.length;
  const { user, system } = process.cpuUsage(startUsage);
  return { perOperationMs, p99Ms: quantile(latencies, 0.99), processorMs: (user + system) / 1_000 / latencies.length };
}

/** By name, a slice for each round; the order rotates. */
export async function takeSlices(
  asks: Readonly<Record<string, Ask>>,
  rounds: number,
  options: SliceOptions,
): Promise<Readonly<Record<string, readonly Slice[]>>> {
  const slices: Record<string, Slice[]> = Object.fromEntries(Object.keys(asks).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, ask] of rotated(Object.entries(asks), round)) slices[name]?.push(await runSlice(ask, options));
  return slices;
}

/** Each figure of all but the reference, over that of the reference in the same round. */
export function overReference(
  slices: Readonly<Record<string, readonly Slice[]>>,
  reference: string,
): Readonly<Record<keyof Slice, RawResult>> {
  const over = (figure: keyof Slice): RawResult => {
    const base = (slices[reference] ?? []).map((slice) => slice[figure]);
    const others = Object.entries(slices).filter(([name]) => name !== reference);
    return Object.fromEntries(
      others.map(([name, all]) => [
        name,
        ratiosByRound(
          all.map((slice) => slice[figure]),
          base,
        ),
      ]),
    );
  };
  return { perOperationMs: over('perOperationMs'), p99Ms: over('p99Ms'), processorMs: over('processorMs') };
}
