/**
 * Owns the scenario of breakers looked up by their keys, each of them in turn.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

const KEYS = Array.from({ length: 1_000 }, (_, index) => `host-${index}`);

/** That of one key and 1 more: what is used next is seldom in the nearest cache. */
export const thousandKeys: TimeScenario = {
  kind: 'time',
  name: 'thousand-keys',
  title: 'keyed breakers, 1,000 keys in turn',
  budget: 3.4,
  loop: 'awaited',
  operation: (subject, work) => subject.keyedBreakers?.(work, KEYS),
};
