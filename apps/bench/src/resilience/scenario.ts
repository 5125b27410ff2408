/**
 * Owns what a scenario is: which operation of a subject is measured, in which loop, and how much it may cost.
 * It must never know a library.
 */
import type { Operation } from '../measure/loop.ts';
import type { Subject, Work } from './subject.ts';

interface Described {
  readonly name: string;
  /** What is measured, for a table. */
  readonly title: string;
  /** The most that ours may cost: a ratio to the bare call, or bytes. */
  readonly budget: number;
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

export type Scenario = TimeScenario | BytesScenario;
