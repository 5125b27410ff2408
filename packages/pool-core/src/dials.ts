/**
 * Owns the arithmetic of dials that are under way: which of them are slow, and what that says about the server.
 * It must never start or end one.
 */
import type { DialTicket } from './dial-schedule.ts';
import type { DriverCall } from './driver-call.ts';

export interface Dial<Connection> {
  readonly connection: number;
  readonly ticket: DialTicket;
  readonly generation: number;
  /** From then on it is slow: it keeps its slot and leaves the concurrency count. */
  slowAtMs: number;
  call: DriverCall<Connection> | undefined;
}

type Dials = ReadonlySet<Pick<Dial<unknown>, 'slowAtMs'>>;

/** How many are slow. */
export function slowDials(dials: Dials, now: number): number {
  let slow = 0;
  for (const dial of dials) if (now >= dial.slowAtMs) slow++;
  return slow;
}

/** A dial has become slow and none has succeeded since: the server may have fallen silent. */
export function isUnanswered(dials: Dials, now: number, lastSuccessAtMs: number): boolean {
  for (const { slowAtMs } of dials) if (now >= slowAtMs && slowAtMs >= lastSuccessAtMs) return true;
  return false;
}

/** When the next one becomes slow; `Infinity` where none will. */
export function nextSlowAtMs(dials: Dials, now: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const dial of dials) if (dial.slowAtMs > now) nextMs = Math.min(nextMs, dial.slowAtMs);
  return nextMs;
}
