/**
 * Owns the things that can happen to a small pool, when each of them can, and what the pool is like.
 * It must never know in which order they come.
 */
import type { CallKind } from '@cryo/pool-core/testing';
import type { Action } from './action.ts';
import type { Callers } from './callers.ts';
import { beginClose } from './ending.ts';
import { recycle, resume, suspend } from './management.ts';
import type { Setup } from './setup.ts';
import type { World } from './world.ts';

/** One thing that can happen. */
export interface Letter {
  readonly name: string;
  /** Whether it would change anything now. */
  readonly can: (world: World, callers: Callers) => boolean;
  readonly happen: Action;
}

/**
 * Which things can happen.
 *
 * - `core`: acquire, release, cancel, a dial that succeeds or fails, and a tick of the clock; checks answer by themselves.
 * - `full`: checks and resets that succeed or fail, a lost connection, resize, recycle, suspend, resume and close as well.
 */
export type AlphabetName = 'core' | 'full';

const { POSITIVE_INFINITY: NEVER } = Number;
const TICK_MS = 10;
const MOST_WAITING = 2;

const CORE: readonly Letter[] = [
  {
    name: 'acquire',
    can: ({ ledger }) => ledger.waiting.size <= MOST_WAITING,
    happen: (_world, callers) => callers.acquire({ signal: 'own' }),
  },
  { name: 'release', can: (_world, { held }) => held.length > 0, happen: (_world, callers) => callers.release() },
  { name: 'cancel', can: ({ ledger }) => ledger.waiting.size > 0, happen: (_world, callers) => callers.abortOne() },
  answer('open', 'succeed', 'dial ok'),
  answer('open', 'fail', 'dial fail'),
  { name: 'tick', can: () => true, happen: (world) => world.pass(TICK_MS) },
];

const FULL: readonly Letter[] = [
  ...CORE,
  answer('check', 'succeed', 'check ok'),
  answer('check', 'fail', 'check fail'),
  answer('reset', 'succeed', 'reset ok'),
  answer('reset', 'fail', 'reset fail'),
  { name: 'lost connection', can: ({ simulated }) => simulated.truth.held.size > 0, happen: loseOldest },
  { name: 'resize', can: isOpen, happen: toggleSize },
  { name: 'recycle', can: (world) => isOpen(world) && world.pool.snapshot().live > 0, happen: recycle },
  { name: 'suspend', can: ({ pool }) => pool.snapshot().state === 'open', happen: suspend },
  { name: 'resume', can: ({ pool }) => pool.snapshot().state === 'suspended', happen: resume },
  { name: 'close', can: ({ end }) => end === 'to-come', happen: beginClose },
];

export const ALPHABETS: Readonly<Record<AlphabetName, readonly Letter[]>> = { core: CORE, full: FULL };

/** A pool in which no call into the driver answers before it is told to, and nothing is done in the background. */
export function smallSetup(alphabet: AlphabetName, max: number): Setup {
  const hangs = { faults: { hang: 1 } };
  return {
    settings: {
      size: { min: 0, max, absoluteMax: 2 },
      acquire: { timeoutMs: 25, queueLimit: MOST_WAITING },
      connect: { timeoutMs: 15, concurrency: 2, maxRetries: 5, initialDelayMs: 5, maxDelayMs: 20, jitter: 0 },
      breaker: { threshold: 2, openForMs: 100, successes: 1, probeIntervalMs: 20 },
      validation: { timeoutMs: 15, bypassMs: 5, intervalMs: NEVER },
      reset: { timeoutMs: 15 },
      closing: { timeoutMs: 15 },
      retirement: { maxLifetimeMs: NEVER, idleTimeoutMs: NEVER, maxUses: NEVER, jitter: 0 },
      leak: { warnAfterMs: NEVER, reclaimAfterMs: NEVER, stacks: 'off' },
      metrics: { reportIntervalMs: NEVER },
    },
    behaviour: alphabet === 'core' ? { open: hangs } : { open: hangs, check: hangs, reset: hangs },
    resets: alphabet === 'full',
    watches: true,
    events: 'listen',
    capacity: NEVER,
    fragility: 0,
    dialBudget: undefined,
    longestJumpMs: 100,
  };
}

/** The oldest call of a kind gets its answer. */
function answer(kind: CallKind, fate: 'succeed' | 'fail', name: string): Letter {
  return {
    name,
    can: ({ simulated }) => simulated.server.hanging(kind) > 0,
    happen: (world) => {
      let answered = 0;
      world.simulated.server.answerHung((of) => (of === kind && answered++ === 0 ? fate : undefined));
      return world.pass(0);
    },
  };
}

function isOpen({ pool }: World): boolean {
  const { state } = pool.snapshot();
  return state === 'open' || state === 'suspended';
}

function loseOldest({ simulated }: World): void {
  const [oldest] = simulated.truth.held;
  if (oldest !== undefined) simulated.breakConnection(oldest, 'once');
}

function toggleSize(world: World): void {
  const max = world.pool.snapshot().size.max === 1 ? 2 : 1;
  world.watch.askedAnew();
  world.attempt('resize', () => world.pool.resize({ min: 0, max }));
}
