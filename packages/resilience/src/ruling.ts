/**
 * Owns the words in which a step answers: to a call that comes in, and to an outcome that goes out.
 * Must never know why a step says any of them.
 */
import type { Outcome } from './outcome.ts';

/**
 * What a step says to a call that comes in, or to an outcome that goes out:
 *
 * - undefined: it passes;
 * - an outcome: with that it goes out from here, and the step has no more to do with the call;
 * - a promise: the call waits for it. Undefined then means that what is inside of the step begins, again if it had begun
 *   before. A rejection is an outcome like any other.
 */
export type Ruling = undefined | Outcome | Promise<undefined | Outcome>;
