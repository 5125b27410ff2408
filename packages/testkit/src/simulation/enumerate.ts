/**
 * Owns the small days: every order in which a few things can happen to a small pool, up to a depth, each tried once.
 * It must never draw anything.
 */
import { createPool } from '@cryo/pool-core';
import { OptionCheck } from '@cryo/resilience';
import { forgoStackTraces, hearUnhandledRejections } from '../platform.ts';
import type { Action } from './action.ts';
import { Callers } from './callers.ts';
import { endWell } from './ending.ts';
import { recycle, resume, suspend } from './management.ts';
import type { Setup } from './setup.ts';
import { type PoolMaker, World } from './world.ts';

/** What to enumerate. */
export interface EnumerationOptions {
  /** How many things happen in one day. The number of days is the size of the alphabet, 11, to this power. */
  readonly depth: number;
  /** What makes the pool under test. Default: `createPool` of `@cryo/pool-core`. */
  readonly createPool?: PoolMaker;
  /** Stops after this many failures. Default 10. */
  readonly mostFailures?: number;
}

/** A small day on which a promise was broken. */
export interface EnumerationFailure {
  /** What happened, in order. */
  readonly day: readonly string[];
  /** `I1` to `I12`. */
  readonly invariant: string;
  readonly message: string;
}

export interface EnumerationReport {
  readonly days: number;
  readonly failures: readonly EnumerationFailure[];
}

const { POSITIVE_INFINITY: NEVER } = Number;

/** A pool of one, sometimes of two, in which everything takes a millisecond and nothing is done in the background. */
const SMALL: Setup = {
  settings: {
    size: { min: 0, max: 1, absoluteMax: 2 },
    acquire: { timeoutMs: 20, queueLimit: 2 },
    connect: { timeoutMs: 10, concurrency: 1, maxRetries: 5, initialDelayMs: 5, maxDelayMs: 20, jitter: 0 },
    breaker: { threshold: 2, openForMs: 100, successes: 1, probeIntervalMs: 20 },
    validation: { timeoutMs: 10, bypassMs: 5, intervalMs: NEVER },
    reset: { timeoutMs: 10 },
    closing: { timeoutMs: 10 },
    retirement: { maxLifetimeMs: NEVER, idleTimeoutMs: NEVER, maxUses: NEVER, jitter: 0 },
    leak: { warnAfterMs: NEVER, reclaimAfterMs: NEVER, stacks: 'off' },
    metrics: { reportIntervalMs: NEVER },
  },
  behaviour: {},
  resets: true,
  watches: true,
  events: 'listen',
  capacity: NEVER,
  fragility: 0,
  dialBudget: undefined,
  longestJumpMs: 100,
};

const ALPHABET: readonly (readonly [name: string, action: Action])[] = [
  ['acquire', (_world, callers) => callers.acquire({ signal: 'own' })],
  ['abort', (_world, callers) => callers.abortOne()],
  ['release', (_world, callers) => callers.release()],
  ['1 ms', (world) => world.pass(1)],
  ['30 ms', (world) => world.pass(30)],
  ['stall', (world) => world.stall(30)],
  ['next call hangs', (world) => hangNext(world)],
  ['connections break', (world) => breakAll(world)],
  ['resize', (world) => toggleSize(world)],
  ['recycle', recycle],
  ['suspend or resume', (world) => (world.pool.snapshot().state === 'suspended' ? resume(world) : suspend(world))],
];

/**
 * Tries every order of `depth` things out of eleven: what a random simulation finds rarely and a small pool shows at once.
 *
 * @throws InvalidOptionsError
 */
export async function enumerate(options: EnumerationOptions): Promise<EnumerationReport> {
  const check = new OptionCheck('enumerate');
  check.number('depth', options.depth, { min: 1, max: 8, integer: true, unit: 'things' });
  check.throwIfFaulty();
  const { depth, createPool: maker = createPool, mostFailures = 10 } = options;
  const failures: EnumerationFailure[] = [];
  const all = ALPHABET.length ** depth;
  const allowStackTraces = forgoStackTraces();
  let days = 0;
  try {
    while (days < all && failures.length < mostFailures) {
      const failure = await tryDay(letters(days, depth), maker);
      if (failure !== undefined) failures.push(failure);
      days++;
    }
  } finally {
    allowStackTraces();
  }
  return { days, failures };
}

/** The digits of the number, written in the alphabet. */
function letters(number: number, depth: number): typeof ALPHABET {
  return Array.from({ length: depth }, (_, place) => {
    const digit = Math.floor(number / ALPHABET.length ** place) % ALPHABET.length;
    return ALPHABET[digit] as (typeof ALPHABET)[number];
  });
}

async function tryDay(day: typeof ALPHABET, maker: PoolMaker): Promise<EnumerationFailure | undefined> {
  const world = new World({ seed: 1, createPool: maker, trace: 'drop', setup: SMALL });
  const unhear = hearUnhandledRejections((reason) => world.ledger.escaped('an unhandled rejection', reason));
  try {
    const callers = new Callers(world);
    for (const [, action] of day) await (action(world, callers) ?? world.judge());
    if (world.violation === undefined) await endWell(world, callers);
  } catch (error) {
    world.broken('I7', `an error came out of a timer of the pool: ${String(error)}`);
  } finally {
    unhear();
  }
  if (world.violation === undefined) return undefined;
  const { invariant, message } = world.violation;
  return { day: day.map(([name]) => name), invariant, message };
}

function hangNext({ simulated: { server } }: World): void {
  for (const kind of ['open', 'check', 'reset', 'close'] as const) server.script(kind, { kind: 'hang' });
}

function breakAll({ simulated }: World): void {
  for (const connection of [...simulated.truth.held]) simulated.breakConnection(connection, 'twice');
}

function toggleSize(world: World): void {
  const max = world.pool.snapshot().size.max === 1 ? 2 : 1;
  world.watch.askedAnew();
  world.attempt('resize', () => world.pool.resize({ min: 0, max }));
}
