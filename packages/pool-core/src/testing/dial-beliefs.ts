/**
 * Owns what a pool may have made of the failures of its dials, where that can't be seen from outside.
 * It must never know when a dial may start.
 */
import type { ErrorClass } from '../driver.ts';

/** The class of an error; `doubtful` where it may have been lost on the way, `undefined` for a timeout. */
export type SeenClass = ErrorClass | 'doubtful' | undefined;

/** A dial that has failed. Times in ms. */
export interface DialFailed {
  readonly startedAtMs: number;
  readonly atMs: number;
  readonly errorClass: SeenClass;
}

/** One of the ways in which a pool may see its dials. */
export interface Belief {
  /** The last failure that set the schedule back: dials under way together fail together, and the first one counts. */
  readonly wave: DialFailed | undefined;
  /** How many there were in a row. */
  readonly waves: number;
  /** When the server last said that it has no place, in ms. */
  readonly fullAtMs: number;
}

export const NEVER = Number.NEGATIVE_INFINITY;
const NO_FAILURE: Belief = { wave: undefined, waves: 0, fullAtMs: NEVER };

/**
 * All beliefs that nothing has contradicted yet. A failure that can be taken in several ways makes several of each, and a dial that
 * none of them allows has broken the promise:
 *
 *     ─ failure ─ doubtful failure ─┬─ it counted      ─ a dial ─ too soon: dropped
 *                                   └─ it said "full"  ─ a dial ─ in time ─ ...
 */
export class DialBeliefs {
  #held: readonly Belief[] = [NO_FAILURE];
  #forgivenAtMs = NEVER;

  get size(): number {
    return this.#held.length;
  }

  succeeded(atMs: number): void {
    this.#forgivenAtMs = atMs;
    this.#held = [NO_FAILURE];
  }

  /** The next dial may start at once, but what has failed in a row still has. */
  askedAnew(atMs: number): void {
    this.#forgivenAtMs = atMs;
    this.#replace(({ waves }) => [{ ...NO_FAILURE, waves }]);
  }

  breakerClosed(): void {
    this.#replace((belief) => [{ ...belief, waves: 0 }]);
  }

  /** @param forget leaves out of a belief what has no consequence any more, so that there are not two that differ in that alone */
  failed(failure: DialFailed, forget: (belief: Belief) => Belief): void {
    const { errorClass } = failure;
    this.#replace((held) => {
      const belief = forget(held);
      const full = { ...belief, fullAtMs: failure.atMs, waves: 0 };
      if (errorClass === 'overloaded') return [full];
      const counted = this.#count(belief, failure);
      return errorClass === 'doubtful' ? [...counted, full] : counted;
    });
  }

  /** Drops every belief with which something is wrong. Answers what, when that leaves none. */
  judge(wrongWith: (belief: Belief) => string | undefined): string | undefined {
    const faults = this.#held.map(wrongWith);
    const left = this.#held.filter((_belief, index) => faults[index] === undefined);
    if (left.length === 0) return faults[0];
    this.#held = left;
    return undefined;
  }

  /** What may follow from a failure that says nothing of a full server: of one that began before the pool forgave, two things. */
  #count(belief: Belief, failure: DialFailed): readonly Belief[] {
    const { startedAtMs, errorClass } = failure;
    if (startedAtMs < (belief.wave?.atMs ?? NEVER)) return [belief];
    const counted = { ...belief, wave: failure, waves: errorClass === 'doubtful' ? 0 : belief.waves + 1 };
    return startedAtMs < this.#forgivenAtMs ? [counted, belief] : [counted];
  }

  #replace(change: (belief: Belief) => readonly Belief[]): void {
    const beliefs = this.#held.flatMap(change);
    this.#held = [...new Map(beliefs.map((belief) => [JSON.stringify(belief), belief])).values()];
  }
}
