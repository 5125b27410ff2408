/**
 * Owns the reading of time: the type that everything timed takes as a parameter, and the real clock.
 * Must never know what a reading is used for, nor set a timer.
 */

const FLOAT_2_32 = 2 ** 32;
const MILLISECONDS_PER_NANOSECOND = 1e-6;

/** Reads time. Nothing here ever caches a reading: a shared or rounded clock lies exactly when the event loop is late. */
export interface Clock {
  /** Milliseconds with fractions, monotonic, from an arbitrary origin. For durations and deadlines. */
  now(): number;
  /** Milliseconds since 1970 by the wall clock, which may jump. For people, and for noticing a sleep of the machine. */
  wallNow(): number;
}

/** The slice of the platform that the real clock can use; whatever is missing is done without. */
export interface ClockPlatform {
  readonly process?: { readonly hrtime?: { readonly bigint?: () => bigint } };
  readonly performance?: { now(): number };
}

/**
 * The real clock. `now()` reads on the axis of `performance.now()` where the platform has it, so that an absolute
 * deadline may be made from either, and the readings of duplicate copies of this package agree.
 */
export const systemClock: Clock = createClock(globalThis as ClockPlatform);

/** The best clock that a platform allows: `process.hrtime`, else `performance.now`, else `Date.now` made monotonic. */
export function createClock(platform: ClockPlatform): Clock {
  return { now: chooseNow(platform), wallNow: () => Date.now() };
}

function chooseNow({ process, performance }: ClockPlatform): () => number {
  const nanoseconds = process?.hrtime?.bigint;
  if (nanoseconds !== undefined) return fromNanoseconds(nanoseconds, performance?.now() ?? 0);
  if (performance !== undefined) return () => performance.now();
  return neverBackwards(() => Date.now());
}

/**
 * Turns a 64-bit nanosecond counter into milliseconds without allocating a BigInt.
 *
 *     bits    ┌──────────── one BigInt64 ────────────┐
 *     words   │ low half, 32 bits │ high half, 32 bits │        (the other way round on a big-endian machine)
 *
 * The reading is only ever stored, so an optimizing compiler keeps it in a machine register and no BigInt is made; the same
 * eight bytes read as two small integers are numbers at once. Each half is taken from its own origin before they are put
 * together, so that the sum is exact for 104 days whatever the counter began at, and rounds to a few nanoseconds from there.
 * One arithmetic operation on a BigInt, be it only an addition, costs 7 ns more.
 */
export function fromNanoseconds(read: () => bigint, startMs: number): () => number {
  const bits = new BigInt64Array(1);
  const words = new Uint32Array(bits.buffer);
  bits[0] = 1n;
  const low = words[0] === 1 ? 0 : 1;
  const high = 1 - low;
  bits[0] = read();
  const originLow = words[low] as number;
  const originHigh = words[high] as number;
  return () => {
    bits[0] = read();
    const elapsed = ((words[high] as number) - originHigh) * FLOAT_2_32 + ((words[low] as number) - originLow);
    return startMs + elapsed * MILLISECONDS_PER_NANOSECOND;
  };
}

/** Holds a clock that may be set back where it was until it moves on again. */
export function neverBackwards(read: () => number): () => number {
  let last = read();
  let correction = 0;
  return () => {
    const reading = read();
    if (reading + correction < last) correction = last - reading;
    last = reading + correction;
    return last;
  };
}
