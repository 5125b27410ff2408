/**
 * Owns the reading of time: the type that everything timed takes as a parameter, and the real clock.
 * Must never know what a reading is used for, nor set a timer.
 */

const EXPONENT_OF_2_52 = 0x433n << 52n;
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
 *     bits      elapsed nanoseconds + 0x433 << 52     one BigInt64
 *     float     2^52 + elapsed nanoseconds            the same eight bytes
 *
 *     float64   0 | exponent 0x433: × 2^52, so that the last bit is 1 | 52 bits of mantissa: the nanoseconds as they are
 *
 * The reading is only ever added to and stored, so an optimizing compiler keeps it in a machine register and no BigInt is made;
 * read as a double it is a number at once, exact for the 52 days that fit into the mantissa. What is longer reads as 2^53 or
 * more, and is converted the slow way.
 */
export function fromNanoseconds(read: () => bigint, startMs: number): () => number {
  const bits = new BigInt64Array(1);
  const float = new Float64Array(bits.buffer);
  const origin = read();
  const toFloat = EXPONENT_OF_2_52 - origin;
  const afterLongMs = () => startMs + Number(read() - origin) * MILLISECONDS_PER_NANOSECOND;
  return () => {
    bits[0] = read() + toFloat;
    const reading = float[0] as number;
    return reading < 2 ** 53 ? startMs + (reading - 2 ** 52) * MILLISECONDS_PER_NANOSECOND : afterLongMs();
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
