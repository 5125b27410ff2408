/**
 * Owns what a scenario is: which operation of a subject is measured, in which loop, and how much it may cost.
 * It must never know a library.
 */
import type { Operation } from '../measure/loop.ts';
import type { Budget } from '../measure/result.ts';
import type { FilledBreaker, Subject, Work } from './subject.ts';

interface Described {
  readonly name: string;
  /** What is measured, for a table. */
  readonly title: string;
  /** A ratio, or bytes. */
  readonly budget: Budget;
}

/** The cost of an operation, as a ratio to the bare call of the same round. */
export interface TimeScenario extends Described {
  readonly kind: 'time';
  /** `caught`: the operation rejects each time, and is awaited and caught. */
  readonly loop: 'awaited' | 'caught' | 'synchronous';
  /** Undefined when the subject cannot do it. */
  operation(subject: Subject, work: Work): Promise<Operation> | Operation | undefined;
}

/** The bytes of an object after two collections. */
export interface BytesScenario extends Described {
  readonly kind: 'bytes';
  /** Undefined when the subject has no such object. */
  maker(subject: Subject): (() => object) | undefined;
}

/** The bytes that an operation leaves to the collector, beyond what the bare call leaves. Without a promise: all of them. */
export interface GarbageScenario extends Described {
  readonly kind: 'garbage';
  readonly loop: 'awaited' | 'synchronous';
  /** Undefined when the subject cannot do it. */
  operation(subject: Subject, work: Work): Operation | undefined;
}

/** The cost of a call that fails through a breaker, beyond the throw itself, as a ratio to one that succeeds in the same round. */
export interface FailureScenario extends Described {
  readonly kind: 'failure';
  /** The throw itself is that of the work alone, or of an async function that awaits the work and passes on what comes. */
  readonly thrownBy: 'work' | 'passing on';
  /** Undefined when the subject has no such breaker. */
  breaker(subject: Subject, succeeding: Work, failing: Work): Promise<FilledBreaker> | undefined;
}

export type Scenario = TimeScenario | BytesScenario | GarbageScenario | FailureScenario;
