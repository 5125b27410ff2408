/**
 * Owns the planted bugs: for each promise and each rule of the pool at least one small change of its source that breaks it.
 * It must never know how a bug is found.
 */
import { PROMISE_MUTATIONS } from './mutations-promises.ts';
import { RULE_MUTATIONS } from './mutations-rules.ts';
import { TURN_MUTATIONS } from './mutations-turns.ts';

/** One bug. It stands as long as `find` occurs exactly once in the file. */
export interface Mutation {
  readonly name: string;
  /** `I1` to `I12`, or `rule 1` to `rule 10`. */
  readonly breaks: string;
  /** Below `packages/pool-core/src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Who finds what no promise speaks of; default: the simulator and the enumeration alone. */
  readonly test?: string;
}

export const MUTATIONS: readonly Mutation[] = [...PROMISE_MUTATIONS, ...RULE_MUTATIONS, ...TURN_MUTATIONS].map(
  ([name, breaks, file, find, replace, test]) => ({
    name,
    breaks,
    file,
    find,
    replace,
    ...(test !== undefined && { test }),
  }),
);
