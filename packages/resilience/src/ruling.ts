/**
 * Owns the words in which a step answers: to a call that comes in, and to an outcome that goes out.
 * Must never know why a step says any of them.
 */
import type { Outcome } from './outcome.ts';

/** What a step says to a call that comes in: it goes on (undefined), it has ended, or it has to wait. */
export type Entry = undefined | Outcome | Wait;

/** What a step makes of an outcome: it lets it pass (undefined), replaces it now or later, or has it all again. */
export type Ruling = undefined | Outcome | Again | Later;

export interface Wait {
  readonly kind: 'wait';
  /** The step is entered when it resolves. A rejection is the outcome of the step, which then is not left. */
  readonly until: PromiseLike<void>;
}

export interface Again {
  readonly kind: 'again';
  /** A rejection is the outcome of the round that did not begin. */
  readonly when: PromiseLike<void>;
}

export interface Later {
  readonly kind: 'later';
  readonly outcome: PromiseLike<unknown>;
}
