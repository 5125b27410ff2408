/**
 * Owns the reading of time: the type that everything timed takes as a parameter, and the real clock.
 * Must never know what a reading is used for, nor set a timer.
 */

const FLOAT_2_52 = 2 ** 52;
const FLOAT_2_52_BITS = 0x4330000000000000n;
const LONGEST_STRETCH = 2 ** 51;
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
 *     sign  exponent      mantissa, 52 bits
 *     0     10000110011   0000…0000            the float64 2^52 = 0x4330000000000000: its last bit is worth exactly 1
 *     0     10000110011   nanoseconds          adding n to those bits as an integer gives the float64 2^52 + n
 *
 * Since the sum is only ever stored into a BigInt64Array, an optimizing compiler keeps it in a machine register, and the
 * same eight bytes read through a Float64Array are the number. The mantissa holds 2^52 ns = 52 days, so the counter is
 * measured from an origin that moves on once half of that is used. A longer silence overflows into the exponent, which
 * still reads as "too large", and the move of the origin is computed in whole BigInts.
 */
export function fromNanoseconds(read: () => bigint, startMs: number): () => number {
  const bits = new BigInt64Array(1);
  const float = new Float64Array(bits.buffer);
  let originNs = read();
  let originMs = startMs;
  let offset = FLOAT_2_52_BITS - originNs;

  function moveOrigin(): number {
    const nanoseconds = read();
    originMs += Number(nanoseconds - originNs) * MILLISECONDS_PER_NANOSECOND;
    originNs = nanoseconds;
    offset = FLOAT_2_52_BITS - originNs;
    return originMs;
  }

  return () => {
    bits[0] = read() + offset;
    const elapsed = (float[0] as number) - FLOAT_2_52;
    return elapsed < LONGEST_STRETCH ? originMs + elapsed * MILLISECONDS_PER_NANOSECOND : moveOrigin();
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
