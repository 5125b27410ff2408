/**
 * Owns the list of the scenarios of the pools, in the order in which a table shows them.
 * It must never know how one is measured.
 */
import type { PoolScenario } from './scenario.ts';
import { hundredOnTen } from './scenarios/hundred-on-ten.ts';
import { millionQueued } from './scenarios/million-queued.ts';
import { queuedBytes } from './scenarios/queued-bytes.ts';
import { twentyThousandQueued } from './scenarios/twenty-thousand-queued.ts';
import { uncontended } from './scenarios/uncontended.ts';

export const SCENARIOS: readonly PoolScenario[] = [
  uncontended,
  hundredOnTen,
  twentyThousandQueued,
  millionQueued,
  queuedBytes,
];
