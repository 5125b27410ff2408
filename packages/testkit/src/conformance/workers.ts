/**
 * Owns the people who use a pool with the driver under test in it, and what they hold against the pool while they do.
 * It must never know which case sent them.
 */
import { type CloseReport, createPool, type Driver, type Lease, type Pool } from '@cryo/pool-core';
import { systemClock } from '@cryo/resilience';
import type { Trial } from './trial.ts';

const MAX = 4;

/** What one worker does with one lease. */
export type Task<Connection> = (connection: Connection) => Promise<unknown>;

/** A pool around a driver, whose every lease is watched. */
export class Workshop<Connection> {
  readonly pool: Pool<Connection>;
  /** Connections in a worker's hands. */
  readonly held = new Set<Connection>();
  /** Work that was done, and work that failed. */
  readonly done = { well: 0, badly: 0 };
  readonly #trial: Trial<Connection>;

  constructor(trial: Trial<Connection>, driver: Driver<Connection> = trial.driver) {
    const { limitMs } = trial;
    this.#trial = trial;
    this.pool = createPool({
      name: 'conformance',
      driver,
      size: { min: 0, max: MAX },
      acquire: { timeoutMs: limitMs },
      connect: { timeoutMs: limitMs, initialDelayMs: 10, maxDelayMs: 50 },
      breaker: { probeIntervalMs: 20, openForMs: 50 },
      validation: { timeoutMs: limitMs, bypassMs: 50 },
      reset: { timeoutMs: limitMs },
      closing: { timeoutMs: limitMs },
    });
  }

  /** Lets workers take leases, so many each, one after the other. What a task fails with is counted. */
  async work(workers: number, leases: number, task: Task<Connection>): Promise<void> {
    const lives = Array.from({ length: workers }, async () => {
      for (let turn = 0; turn < leases; turn++) await this.#once(task);
    });
    await this.#trial.within('the work', Promise.all(lives), 2 * this.#trial.limitMs);
  }

  /** Every slot gives a connection that works, all at the same time, soon. */
  async takeAll(): Promise<void> {
    const { subject, limitMs } = this.#trial;
    const leases: Lease<Connection>[] = [];
    const endMs = systemClock.now() + limitMs;
    while (leases.length < MAX) {
      this.#trial.expect(systemClock.now() < endMs, `only ${leases.length} of ${MAX} slots serve again`);
      const lease = await this.pool.acquire();
      this.#judge();
      try {
        await this.#trial.within('a use', subject.use(lease.connection));
        leases.push(lease);
      } catch (error) {
        lease.release(error);
        // A dead connection may be lent and fail without a turn of the event loop, for ever.
        await this.#trial.pause(1);
      }
    }
    for (const lease of leases) lease.release();
  }

  /** Closes the pool. Nothing may be left of it, here or on the server. */
  async close(timeoutMs: number): Promise<CloseReport> {
    const report = await this.#trial.within('close() of the pool', this.pool.close({ timeoutMs }));
    const { live, abandoned } = this.pool.snapshot();
    this.#trial.expect(live + abandoned === 0, `${live} connections and ${abandoned} calls are left of a closed pool`);
    await this.#trial.leavesNothing();
    return report;
  }

  async #once(task: Task<Connection>): Promise<void> {
    const lease = await this.pool.acquire();
    const { connection } = lease;
    this.#trial.expect(!this.held.has(connection), 'a connection is in two leases');
    this.held.add(connection);
    this.#judge();
    let failure: unknown;
    try {
      await task(connection);
      this.done.well++;
    } catch (error) {
      this.done.badly++;
      failure = error ?? new Error('the work failed with nothing');
    }
    this.held.delete(connection);
    lease.release(failure);
    this.#judge();
  }

  #judge(): void {
    const { connections, live, size, waiting } = this.pool.snapshot();
    const { dialing, idle, checking, leased, resetting, closing } = connections;
    const sum = dialing + idle + checking + leased + resetting + closing;
    const counts = JSON.stringify({ live, waiting, ...connections });
    this.#trial.expect(live === sum && live <= size.max, `the counts of the pool do not add up: ${counts}`);
  }
}
