/**
 * Owns what one simulated run is made of, drawn from its seed: the settings of the pool and the manners of the server.
 * It must never know what happens in the run.
 */
import { elastic, fixed, type PoolOptions } from '@cryo/pool-core';
import type { CallBehaviour, FaultChances, ServerBehaviour, SimulatedConnection } from '@cryo/pool-core/testing';
import type { SeededRandom } from '@cryo/resilience/testing';

/** The settings of a pool, without what the world brings. */
export type PoolSettings = Omit<
  PoolOptions<SimulatedConnection>,
  'name' | 'driver' | 'clock' | 'timers' | 'random' | 'capacity'
>;

/** Everything that is fixed before a run begins. */
export interface Setup {
  readonly settings: PoolSettings;
  readonly behaviour: ServerBehaviour;
  readonly resets: boolean;
  readonly watches: boolean;
  /** Whether somebody listens to the pool's lease events. */
  readonly events: 'listen' | 'ignore';
  /** How many connections this pool may have together with others that share its capacity. */
  readonly capacity: number;
  /** How likely a part that the pool is lent fails when it is called. */
  readonly fragility: number;
  /** How likely a retry is granted by the budget of dials; `undefined`: there is no budget. */
  readonly dialBudget: number | undefined;
  /** The longest jump of time, in ms. */
  readonly longestJumpMs: number;
}

const { POSITIVE_INFINITY: NEVER } = Number;

/** Draws a setup. Ordinary values are likely, extreme ones possible. */
export function drawSetup(random: SeededRandom): Setup {
  const settings = drawSettings(random);
  return {
    settings,
    behaviour: drawBehaviour(random),
    resets: random.chance(0.85),
    watches: random.chance(0.85),
    events: random.chance(0.5) ? 'listen' : 'ignore',
    capacity: random.chance(0.15) ? random.integer(0, 5) : NEVER,
    fragility: random.chance(0.15) ? random.pick([0.02, 0.3]) : 0,
    dialBudget: random.chance(0.15) ? 0.5 : undefined,
    longestJumpMs: longestJumpMs(settings),
  };
}

/** The pool looks after itself four times within its shortest interval; a jump should hold some dozens of such looks. */
function longestJumpMs({ validation, retirement, leak }: PoolSettings): number {
  const lifetimeMs = (retirement?.maxLifetimeMs ?? NEVER) * (1 - Math.min(0.9, retirement?.jitter ?? 0));
  const spans = [validation?.intervalMs, retirement?.idleTimeoutMs, leak?.warnAfterMs];
  const shortestMs = Math.min(4_000, lifetimeMs, ...spans.map((span) => span ?? NEVER));
  return Math.max(200, 8 * shortestMs);
}

function drawSettings(random: SeededRandom): PoolSettings {
  const max = random.pick([1, 1, 2, 2, 3, 4, 6]);
  const absoluteMax = max + random.pick([0, 0, 0, 3, 8]);
  const quick = random.chance(0.2);
  const timeoutMs = random.pick([5, 50, 500, 2_000, 20_000, NEVER]);
  const warnAfterMs = random.pick([200, 5_000, 60_000, NEVER]);
  return {
    size: {
      min: random.integer(0, max),
      max,
      absoluteMax,
      ...(random.chance(0.3) && { sizer: random.chance(0.5) ? fixed() : elastic() }),
    },
    acquire: {
      timeoutMs,
      queueLimit: random.pick([1, 3, 10, 10_000]),
    },
    ...(random.chance(0.35) && { shedding: drawShedding(random, timeoutMs) }),
    connect: drawConnect(random),
    breaker: drawBreaker(random),
    validation: {
      timeoutMs: random.pick([10, 100, 5_000]),
      bypassMs: random.pick([0, 5, 500, 500, NEVER]),
      intervalMs: quick ? random.pick([40, 300]) : random.pick([1_000, 30_000, NEVER]),
    },
    reset: { timeoutMs: random.pick([10, 100, 5_000]) },
    closing: { timeoutMs: random.pick([10, 100, 5_000]) },
    retirement: {
      maxLifetimeMs: quick ? random.pick([200, 1_000]) : random.pick([10_000, 1_800_000, NEVER]),
      idleTimeoutMs: quick ? random.pick([50, 400]) : random.pick([2_000, 180_000, NEVER]),
      maxUses: random.pick([1, 3, NEVER, NEVER, NEVER]),
      jitter: random.chance(0.03) ? 1 : random.pick([0, 0.1, 0.5]),
    },
    leak: {
      warnAfterMs,
      reclaimAfterMs: random.chance(0.3) ? Math.max(random.pick([200, 2_000]), warnAfterMs) : NEVER,
      stacks: random.pick(['off', 'off', 'off', 'off', 'after-first', 'always'] as const),
    },
    metrics: { reportIntervalMs: random.chance(0.1) ? random.pick([1_000, 20_000]) : NEVER },
    ...(random.chance(0.3) && { logger: random.chance(0.5) ? silentLogger : throwingLogger }),
  };
}

function drawShedding(random: SeededRandom, timeoutMs: number): NonNullable<PoolSettings['shedding']> {
  const targetMs = Math.min(random.pick([1, 10, 200]), timeoutMs / 4);
  return {
    targetMs,
    intervalMs: targetMs * random.pick([0.5, 3, 10]),
    limitMs: Math.min(targetMs * random.pick([1.01, 2, 2, 20]), timeoutMs),
  };
}

function drawConnect(random: SeededRandom): NonNullable<PoolSettings['connect']> {
  const initialDelayMs = random.pick([1, 50, 200]);
  return {
    timeoutMs: random.pick([20, 200, 2_000, 10_000]),
    concurrency: random.pick([1, 2, 4]),
    maxRetries: random.pick([0, 1, 5, NEVER]),
    initialDelayMs,
    maxDelayMs: initialDelayMs * random.pick([1, 5, 50]),
    jitter: random.pick([0, 0.1, 0.1, 0.5, 'none', 'full', 'equal', 'decorrelated'] as const),
  };
}

function drawBreaker(random: SeededRandom): NonNullable<PoolSettings['breaker']> {
  if (random.chance(0.25)) return false;
  const probeIntervalMs = random.pick([100, 1_000]);
  return {
    threshold: random.pick([1, 2, 5]),
    openForMs: probeIntervalMs * random.pick([1, 5, 30]),
    successes: random.pick([1, 2, 3]),
    probeIntervalMs,
  };
}

function drawBehaviour(random: SeededRandom): ServerBehaviour {
  const mood = random.pick(['flawless', 'flaky', 'flaky', 'hostile'] as const);
  const heedsAbort = random.pick([0, 0.5, 1]);
  const draw = (longestMs: number): CallBehaviour => ({
    latencyMs: [random.pick([0, 1]), random.pick([1, 5, longestMs])],
    heedsAbort,
    ...(mood !== 'flawless' && { faults: drawFaults(random, mood === 'flaky' ? 0.02 : 0.12) }),
  });
  const destroy = random.chance(0.3) ? { reports: random(), throws: random.chance(0.3) ? 0.2 : 0 } : {};
  return { open: draw(400), check: draw(50), reset: draw(50), close: draw(50), query: draw(100), destroy };
}

function drawFaults(random: SeededRandom, scale: number): FaultChances {
  const chance = (): number => (random.chance(0.6) ? random() * scale : 0);
  return {
    fail: 2 * chance(),
    oddRejection: chance(),
    throw: chance(),
    hang: chance(),
    late: chance(),
    stillborn: chance(),
    break: chance(),
  };
}

const silentLogger = { info: () => {}, warn: () => {} };

const BROKEN_LOGGER = new Error('the logger is broken');

const throwingLogger = {
  info(): void {
    throw BROKEN_LOGGER;
  },
  warn(): void {
    throw BROKEN_LOGGER;
  },
};
