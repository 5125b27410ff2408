/**
 * Owns a stage for the checks: a pool that says what it is told to say, over a real simulated driver and a real ledger.
 * It must never hold an expectation.
 */
import { CallContext, Emitter } from '@cryo/resilience';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import type { PoolEvents } from '../src/events.ts';
import type { PoolOptions } from '../src/options.ts';
import type { ConnectionCounts, PoolSnapshot } from '../src/snapshot.ts';
import type { SimulatedConnection } from '../src/testing/ground-truth.ts';
import { InvariantWatch, type InvariantWatchOptions } from '../src/testing/invariants.ts';
import { Ledger } from '../src/testing/ledger.ts';
import { simulatedDriver } from '../src/testing/simulated-driver.ts';

export type Overrides = Partial<Omit<PoolSnapshot, 'connections'>> & { connections?: Partial<ConnectionCounts> };

const CLOSED: PoolSnapshot['breaker'] = {
  state: 'closed',
  notClosedSinceMs: undefined,
  retryAfterMs: undefined,
  cause: undefined,
};

/** A pool that says what it is told to say: the honest numbers unless a test makes it lie. */
class PuppetPool {
  readonly events = new Emitter<PoolEvents>();
  lies: Overrides = {};
  counts = { dialing: 0, idle: 0, checking: 0, leased: 0, resetting: 0, closing: 0 };
  readonly #ledger: Ledger;
  readonly #clock: VirtualClock;

  constructor(ledger: Ledger, clock: VirtualClock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): () => void {
    return this.events.on(name, listener);
  }

  snapshot(): PoolSnapshot {
    const connections = Object.freeze({ ...this.counts, ...this.lies.connections });
    return Object.freeze({
      pool: 'puppet',
      state: 'open',
      atMs: this.#clock.now(),
      size: { min: 0, max: 2, absoluteMax: 2 },
      live: Object.values({ ...this.counts, ...this.lies.connections }).reduce((sum, count) => sum + count, 0),
      abandoned: 0,
      waiting: this.#ledger.waiting.size,
      oldestWaitMs: 0,
      sheddingSinceMs: undefined,
      oldestLeaseMs: 0,
      suspects: 0,
      peakLeased: 2,
      leasedTimeMs: 0,
      generation: 0,
      breaker: CLOSED,
      overloadedUntilMs: undefined,
      ...this.lies,
      connections,
    });
  }
}

export function stage(
  given: Partial<PoolOptions<SimulatedConnection>> = {},
  choice: Pick<InvariantWatchOptions, 'discipline' | 'classes'> = {},
) {
  const clock = new VirtualClock();
  const simulated = simulatedDriver({ clock, timers: clock, random: seededRandom(1) });
  const ledger = new Ledger(clock, simulated);
  const options = { name: 'puppet', driver: simulated.driver, size: { min: 0, max: 2 }, ...given };
  let timersPending = 0;
  const watch = new InvariantWatch({
    options,
    simulated,
    ledger,
    clock,
    timersPending: () => timersPending,
    ...choice,
  });
  const pool = watch.attach(new PuppetPool(ledger, clock));
  const { driver } = simulated;
  return {
    clock,
    simulated,
    ledger,
    watch,
    pool,
    leaveTimers: (count: number) => {
      timersPending = count;
    },
    broken: () => watch.judge().map((violation) => violation.invariant),
    context: (timeoutMs = 10_000) => new CallContext(clock.now() + timeoutMs),
    /** Dials honestly. */
    async dial(): Promise<SimulatedConnection> {
      pool.counts.dialing++;
      const dialed = driver.open(new CallContext(clock.now() + 10_000));
      await clock.advance(1);
      pool.counts.dialing--;
      pool.counts.idle++;
      return dialed;
    },
    /** Lends honestly. */
    lend(connection: SimulatedConnection, request = ledger.asked({ timeoutMs: 100 })) {
      pool.counts.idle--;
      pool.counts.leased++;
      pool.events.emit('lease-granted', { connection: connection.id, waitedMs: 0, label: undefined });
      return ledger.granted(request, connection);
    },
  };
}
