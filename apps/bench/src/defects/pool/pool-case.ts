/**
 * Owns what a case of the pools is: a promise in one sentence, what it takes to be judged by it, and a run upon a stage.
 * It must never know a library.
 */
import type { Pool, PoolPlan, Subject } from '../../pool/subject.ts';
import { type DefectCase, verdictOf } from '../defect-case.ts';
import type { World } from '../world.ts';
import { Stage } from './stage.ts';

const MISSING = {
  canAbort: 'an acquire cannot be aborted',
  hearsIdleErrors: 'it does not listen to its connections, which is left to whoever makes them',
  hasAcquireTimeout: 'an acquire has no time limit',
  checksOnBorrow: 'it has no question to the server before a connection is lent',
  keepsSome: 'it has no number of connections to keep',
  isGivenDial: 'it dials by itself, so the dial is its own',
  runsQueries: 'it has no call that acquires, works and releases',
} as const satisfies Partial<Record<keyof Subject, string>>;

interface PoolCaseDefinition {
  readonly name: string;
  readonly promise: string;
  /** Default virtual. Real where the order of the event loop or the cost of a call is what matters. */
  readonly time?: 'real';
  readonly needs?: readonly (keyof typeof MISSING)[];
  /** Throws what `expectThat` throws where the promise is broken. */
  run(stage: Stage, subject: Subject): Promise<void>;
}

export type PoolCase = DefectCase<Subject>;

export function poolCase({ name, promise, time, needs = [], run }: PoolCaseDefinition): PoolCase {
  return {
    name,
    promise,
    time: time ?? 'virtual',
    async run(subject: Subject, world: World) {
      const missing = needs.find((feature) => subject[feature] !== true);
      if (missing !== undefined) return { kind: 'absent', why: MISSING[missing] };
      const start = (plan: PoolPlan): Pool => subject.start(plan);
      return await verdictOf(() => run(new Stage(world, start), subject));
    },
  };
}
