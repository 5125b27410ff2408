/**
 * Owns the people who use the pool: what they ask for, what they hold, and how they give it back.
 * It must never know what the server is doing, nor judge the pool beyond what a caller sees.
 */
import type { Lease, UseOptions } from '@cryo/pool-core';
import { type LeaseRecord, RANKS, type RequestRecord, type SimulatedConnection } from '@cryo/pool-core/testing';
import { CountedAbort } from '../platform.ts';
import { type Ask, optionsOf, patienceMs } from './asking.ts';
import { WORKED, type Work, workOf } from './work.ts';
import type { World } from './world.ts';

interface Held {
  readonly lease: Lease<SimulatedConnection>;
  readonly record: LeaseRecord;
}

export class Callers {
  /** Whether a lease is kept, or given back as soon as it comes. */
  manners: 'keep' | 'return' = 'keep';
  readonly held: Held[] = [];
  /** The last few leases that were given back. */
  readonly returned: Held[] = [];
  /** Leases that their holders have forgotten: they come home when everything does. */
  readonly #leaked: Held[] = [];
  readonly #world: World;
  readonly #aborts = new Map<RequestRecord, CountedAbort>();
  readonly #signals: CountedAbort[] = [];
  /** Calls of `ready()` without an answer, with the time by which each is due. */
  readonly #readying = new Set<{ readonly dueAtMs: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  acquire(ask: Ask): void {
    const { pool, ledger } = this.#world;
    const { request, options } = this.#ask(ask, 'acquire');
    this.#world.attempt('acquire', () => {
      pool.acquire(options).then(
        (lease) => this.#receive(request, lease),
        (error) => this.#refused(request, error),
      );
    });
    if (ask.signal === 'aborted') ledger.aborted(request);
  }

  tryAcquire(label: string | undefined): void {
    const { pool, ledger } = this.#world;
    const request = ledger.asked({ timeoutMs: Number.POSITIVE_INFINITY });
    this.#world.say(() => `r${request.id} tryAcquire`);
    const lease = this.#world.attempt('tryAcquire', () => pool.tryAcquire(label === undefined ? undefined : { label }));
    if (lease === undefined) ledger.withdrawn(request);
    else this.#receive(request, lease);
  }

  use(work: Work): void {
    const { pool, ledger } = this.#world;
    const { request, options } = this.#ask(work, 'use');
    const begin = (connection: SimulatedConnection) => {
      const record = this.#granted(request, connection);
      return () => ledger.released(record);
    };
    const run = workOf(work, (ms) => this.#wait(ms), begin);
    this.#world.attempt('use', () => {
      pool.use(run, options).then(
        (result) => result === WORKED || ledger.escaped('use answered something else', result),
        (error) => {
          if (request.state === 'waiting') this.#refused(request, error);
          else if (error !== work.fails) ledger.escaped('use failed with another error than its work', error);
        },
      );
    });
    if (work.signal === 'aborted') ledger.aborted(request);
  }

  /** Aborts the signal of one request that waits and has one. */
  abortOne(): void {
    const { ledger, random, say } = this.#world;
    const waiting = [...this.#aborts].filter(([request]) => request.state === 'waiting');
    if (waiting.length === 0) return;
    const [request, abort] = random.pick(waiting);
    say.call(this.#world, () => `r${request.id} aborts`);
    ledger.aborted(request);
    abort.abort(new Error('the caller went away'));
  }

  /** Gives one lease back, with an error or without. */
  release(error?: unknown): void {
    const { random } = this.#world;
    if (this.held.length > 0) this.#release(this.held.splice(random.integer(0, this.held.length - 1), 1)[0], error);
  }

  /** Somebody forgets a lease. */
  leak(): void {
    const { random, say } = this.#world;
    if (this.held.length === 0) return;
    const [held] = this.held.splice(random.integer(0, this.held.length - 1), 1);
    if (held === undefined) return;
    say.call(this.#world, () => `r${held.record.request.id} forgets c${held.record.connection.id}`);
    this.#leaked.push(held);
  }

  /** Releases a lease that was released before. */
  releaseAgain(): void {
    const { pool, ledger, random, say } = this.#world;
    if (this.returned.length === 0) return;
    const { lease, record } = random.pick(this.returned);
    say.call(this.#world, () => `r${record.request.id} releases again`);
    const before = JSON.stringify(pool.snapshot().connections);
    this.#world.attempt('a second release', () => lease.release());
    const after = JSON.stringify(pool.snapshot().connections);
    ledger.releasedAgain(before === after ? undefined : `from ${before} to ${after}`);
    try {
      if (lease.connection === record.connection) ledger.reachedAfterRelease(record);
    } catch {
      // That is how it should be.
    }
  }

  /** One query on a lease that is held. */
  query(): void {
    const { random } = this.#world;
    if (this.held.length === 0) return;
    const { record } = random.pick(this.held);
    record.connection.query().catch(() => {});
  }

  ready(timeoutMs: number): void {
    const { pool, clock, ledger, random } = this.#world;
    const waiter = { dueAtMs: clock.now() + timeoutMs };
    const abort = new CountedAbort();
    this.#signals.push(abort);
    if (random.chance(0.1)) abort.abort(new Error('aborted before it began'));
    else if (random.chance(0.2))
      clock.set(random() * timeoutMs, () => abort.abort(new Error('no longer waiting')), { background: true });
    this.#readying.add(waiter);
    this.#world.attempt('ready', () => {
      pool.ready({ timeoutMs, signal: abort.signal }).then(
        () => this.#readying.delete(waiter),
        (error) => {
          this.#readying.delete(waiter);
          if (!(error instanceof Error)) ledger.escaped('ready was refused with', error);
        },
      );
    });
  }

  /** Every lease comes home, and every lease that is still to come as well. */
  goHome(): void {
    this.manners = 'return';
    this.held.push(...this.#leaked.splice(0));
    while (this.held.length > 0) this.release();
  }

  /** What remains that should not: calls of `ready()` past their time, listeners on callers' signals. */
  leftovers(): string | undefined {
    const now = this.#world.clock.now();
    for (const { dueAtMs } of this.#readying) if (now > dueAtMs + 1) return `ready() was due at ${dueAtMs} ms`;
    const listeners = this.#signals.reduce((sum, abort) => sum + abort.listeners, 0);
    return listeners > 0 ? `${listeners} listeners remain on the signals of callers` : undefined;
  }

  #ask(ask: Ask, how: string): { request: RequestRecord; options: UseOptions | undefined } {
    const { ledger, setup, say, clock } = this.#world;
    const timeoutMs = patienceMs(ask, setup.settings.acquire?.timeoutMs ?? Number.POSITIVE_INFINITY);
    const { priority = 'normal' } = ask;
    const request = ledger.asked({ timeoutMs, priority: RANKS[priority] });
    const abort = ask.signal === 'own' || ask.signal === 'aborted' ? new CountedAbort() : undefined;
    if (abort !== undefined) {
      this.#signals.push(abort);
      this.#aborts.set(request, abort);
    }
    if (ask.signal === 'aborted') abort?.abort(new Error('aborted before it began'));
    say.call(
      this.#world,
      () => `r${request.id} ${how} within ${timeoutMs} ms, ${priority}, signal ${ask.signal ?? 'none'}`,
    );
    return { request, options: optionsOf(ask, clock.now(), abort) };
  }

  #receive(request: RequestRecord, lease: Lease<SimulatedConnection>): void {
    const connection = this.#world.attempt('lease.connection', () => lease.connection);
    if (connection === undefined) return;
    const record = this.#granted(request, connection);
    if (this.manners === 'return') this.#release({ lease, record });
    else this.held.push({ lease, record });
  }

  #granted(request: RequestRecord, connection: SimulatedConnection): LeaseRecord {
    this.#aborts.delete(request);
    this.#world.say(() => `    r${request.id} gets c${connection.id}`);
    const record = this.#world.ledger.granted(request, connection);
    // Some leave nothing behind: their connections are clean when they come back.
    if (request.id % 3 > 0) connection.session = `the session of request ${request.id}`;
    return record;
  }

  #refused(request: RequestRecord, error: unknown): void {
    this.#aborts.delete(request);
    this.#world.say(() => `    r${request.id} refused: ${error instanceof Error ? error.message : String(error)}`);
    this.#world.ledger.refused(request, error);
  }

  #release(held: Held | undefined, error?: unknown): void {
    if (held === undefined) return;
    const { record } = held;
    this.#world.say(
      () => `r${record.request.id} releases c${record.connection.id}${error === undefined ? '' : ` with ${error}`}`,
    );
    this.#world.ledger.released(record);
    this.#world.attempt('release', () => this.#end(held, error));
    this.returned.push(held);
    if (this.returned.length > 8) this.returned.shift();
  }

  #end({ lease, record }: Held, error: unknown): void {
    const { random, ledger } = this.#world;
    if (error !== undefined || random.chance(0.8)) lease.release(error);
    else if (random.chance(0.5)) lease[Symbol.dispose]();
    else if (record.request.id % 4 === 0) lease.evict();
    else lease[Symbol.asyncDispose]().catch((reason) => ledger.escaped('asyncDispose was rejected', reason));
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.clock.set(ms, resolve, { background: false }));
  }
}
