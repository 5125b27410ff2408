/**
 * Owns chance that can be repeated: the same seed gives the same draws on every machine.
 * Must never know what is drawn, nor be used where an adversary may guess.
 */
import { assert } from '../assert.ts';
import type { Random } from '../random.ts';

/** A repeatable {@link Random} with the draws that tests and simulators need. */
export interface SeededRandom extends Random {
  /** An integer from min to max, both included. */
  integer(min: number, max: number): number;
  /** One element of a list that is not empty. */
  pick<Element>(list: readonly Element[]): Element;
  /** True with the probability p. */
  chance(p: number): boolean;
  /** A generator of its own: drawing from it does not move this one, and this one moves by one draw. */
  fork(): SeededRandom;
}

/**
 * A `Random` that draws the same from the same seed, on every machine.
 *
 * Chris Doty-Humphrey's sfc32 (PractRand, 2010; 96 bits of state and a 32-bit counter, so no period below 2^32), its state
 * filled from the 64 bits of the seed by splitmix32: Steele, Lea and Flood's SplitMix (OOPSLA 2014) in 32 bits, with
 * Chris Wellons's constants (hash-prospector, 2018).
 *
 * @param seed any finite number; different numbers are different states
 */
export function seededRandom(seed: number): SeededRandom {
  assert(Number.isFinite(seed), 'a seed is a finite number');
  const next = sfc32(seed + 0);
  const random = () => next() / 2 ** 32;
  return Object.assign(random, {
    integer(min: number, max: number): number {
      assert(Number.isInteger(min) && Number.isInteger(max) && min <= max, 'integer() takes integers, min <= max');
      return min + Math.floor(random() * (max - min + 1));
    },
    pick<Element>(list: readonly Element[]): Element {
      assert(list.length > 0, 'pick() needs a list that is not empty');
      return list[Math.floor(random() * list.length)] as Element;
    },
    chance: (p: number): boolean => random() < p,
    fork: (): SeededRandom => seededRandom(next()),
  });
}

const ROUNDS_BEFORE_FIRST_DRAW = 15;

function sfc32(seed: number): () => number {
  const words = new Uint32Array(Float64Array.of(seed).buffer);
  let a = splitmix32(words[0] as number);
  let b = splitmix32(words[1] as number);
  let c = splitmix32(a ^ b);
  let counter = 1;
  function next(): number {
    const drawn = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  }
  for (let round = 0; round < ROUNDS_BEFORE_FIRST_DRAW; round++) next();
  return next;
}

function splitmix32(state: number): number {
  const advanced = (state + 0x9e3779b9) | 0;
  let mixed = Math.imul(advanced ^ (advanced >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
