/**
 * Owns the list of the scenarios of the pools, in the order in which a table shows them.
 * It must never know how one is measured.
 */
import type { PoolScenario } from './scenario.ts';
import { garbage } from './scenarios/garbage.ts';
import { hundredOnTen } from './scenarios/hundred-on-ten.ts';
import { millionQueued } from './scenarios/million-queued.ts';
import { queuedBytes } from './scenarios/queued-bytes.ts';
import { ramp } from './scenarios/ramp.ts';
import { spike } from './scenarios/spike.ts';
import { stall } from './scenarios/stall.ts';
import { tenMillionLeases } from './scenarios/ten-million-leases.ts';
import { tenPools } from './scenarios/ten-pools.ts';
import { tenPoolsUse } from './scenarios/ten-pools-use.ts';
import { timeoutStorm } from './scenarios/timeout-storm.ts';
import { twentyThousandQueued } from './scenarios/twenty-thousand-queued.ts';
import { uncontended } from './scenarios/uncontended.ts';
import { use } from './scenarios/use.ts';

export const SCENARIOS: readonly PoolScenario[] = [
  uncontended,
  hundredOnTen,
  twentyThousandQueued,
  millionQueued,
  queuedBytes,
  garbage,
  use,
  tenPools,
  tenPoolsUse,
  timeoutStorm,
  spike,
  ramp,
  stall,
  tenMillionLeases,
];
