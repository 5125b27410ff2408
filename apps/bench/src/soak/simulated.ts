/**
 * Owns a soak without a server: a pool on real time over the simulated driver, whose server has bad moments.
 * It must never judge what it sees.
 */
import { createPool, type Pool } from '@cryo/pool-core';
import {
  type SimulatedConnection,
  type SimulatedDriver,
  SimulatedError,
  simulatedDriver,
} from '@cryo/pool-core/testing';
import { systemClock, systemTimers } from '@cryo/resilience';
import { seededRandom } from '@cryo/resilience/testing';
import { pause, type SoakCounts, type SoakWorld } from './world.ts';

const WORKERS = 40;
const FAULTS = { fail: 0.01, oddRejection: 0.002, throw: 0.002, hang: 0.001, late: 0.002 };
const MOODS = ['healthy', 'healthy', 'refusing', 'silent', 'misconfigured', 'slow', 'overloaded'] as const;

export class SimulatedSoak implements SoakWorld {
  readonly #simulated: SimulatedDriver;
  readonly pool: Pool<SimulatedConnection>;
  readonly counts: SoakCounts = { asked: 0, granted: 0, refused: 0 };
  readonly faults: readonly string[] = [];
  #state: 'running' | 'ending' = 'running';
  readonly #random = seededRandom(1);
  readonly #lives: Promise<void>[] = [];

  constructor() {
    const call = { latencyMs: [0, 5], faults: FAULTS } as const;
    const behaviour = {
      open: { ...call, latencyMs: [1, 20] },
      check: call,
      reset: call,
      close: call,
      query: call,
    } as const;
    this.#simulated = simulatedDriver({
      clock: systemClock,
      timers: systemTimers,
      random: this.#random.fork(),
      behaviour,
    });
    this.pool = createPool({
      name: 'soak',
      driver: this.#simulated.driver,
      size: { min: 2, max: 10, absoluteMax: 20 },
      acquire: { timeoutMs: 500, queueLimit: 100 },
      connect: { timeoutMs: 500, initialDelayMs: 20, maxDelayMs: 200 },
      breaker: { probeIntervalMs: 100, openForMs: 500 },
      validation: { timeoutMs: 200, intervalMs: 500 },
      reset: { timeoutMs: 200 },
      closing: { timeoutMs: 200 },
      retirement: { maxLifetimeMs: 3_000, idleTimeoutMs: 1_000 },
    });
  }

  start(): void {
    for (let worker = 0; worker < WORKERS; worker++) this.#lives.push(this.#work());
    this.#lives.push(this.#disturb());
  }

  /** Everybody goes home, the server heals, the pool closes. */
  async end(): Promise<void> {
    this.#state = 'ending';
    const { server } = this.#simulated;
    server.become({ kind: 'healthy' });
    server.behaviour = {};
    server.answerHung(() => 'fail');
    await Promise.all(this.#lives);
    await this.pool.close({ timeoutMs: 1_000 });
    server.answerHung(() => 'fail');
  }

  left(): Readonly<Record<string, number>> {
    const { truth } = this.#simulated;
    return { connections: truth.held.size, watches: truth.watches };
  }

  async #work(): Promise<void> {
    const { counts, pool } = this;
    while (this.#state === 'running') {
      counts.asked++;
      let outcome: 'granted' | 'refused' = 'refused';
      try {
        await pool.use(async (connection) => {
          outcome = 'granted';
          connection.session = 'in use';
          await pause(this.#random() * 10);
          if (this.#random.chance(0.02)) throw new SimulatedError('the work failed', 'connection-lost');
        });
      } catch {
        await pause(this.#random() * 20);
      }
      counts[outcome]++;
    }
  }

  async #disturb(): Promise<void> {
    const { server, truth } = this.#simulated;
    while (this.#state === 'running') {
      const kind = this.#random.pick(MOODS);
      // The truth remembers every dial, which would look like a leak.
      truth.dials.length = 0;
      server.become(kind === 'slow' ? { kind, factor: 10 } : kind === 'overloaded' ? { kind, places: 4 } : { kind });
      if (kind === 'healthy') server.answerHung(() => this.#random.pick(['succeed', 'fail'] as const));
      for (const connection of truth.held)
        if (this.#random.chance(0.1)) this.#simulated.breakConnection(connection, 'twice');
      if (this.#random.chance(0.1)) this.pool.recycle();
      await pause(kind === 'healthy' ? 1_000 : 300);
    }
  }
}
