/**
 * Owns which of several hosts gives a connection: they are tried in order, each within its share of the dial's time.
 * It must never know how a host is dialed, nor where the list comes from.
 */
import { type AbortSignal, type CallContext, type Clock, LazyAbort, type Timers } from '@cryo/resilience';
import { AllHostsFailedError, HostTimeoutError } from './mysql2-errors.ts';
import type { MysqlCore } from './mysql2-types.ts';

/** One host, and what begins a dial of it. */
export interface Way {
  /** As errors name it. */
  readonly address: string;
  begin(): MysqlCore;
}

/** The part of a dial's time that its hosts share: the rest is there to tell what they said. */
const SHARED = 0.9;

export class Hosts {
  readonly #time: { readonly clock: Clock; readonly timers: Timers };
  /** The host that gave the last connection. */
  #preferred = 0;

  constructor(time: { readonly clock: Clock; readonly timers: Timers }) {
    this.#time = time;
  }

  /** The connection of the first that gives one, beginning with the one that gave the last. */
  async open<Connection>(
    ways: readonly Way[],
    { signal, deadline }: CallContext,
    openOne: (way: Way, signal: AbortSignal) => Promise<Connection>,
  ): Promise<Connection> {
    const [only] = ways;
    if (only !== undefined && ways.length === 1) return openOne(only, signal);
    const errors: unknown[] = [];
    const tried: string[] = [];
    for (const turn of ways.keys()) {
      const index = (this.#preferred + turn) % ways.length;
      const way = ways[index] as Way;
      const shareMs = (SHARED * (deadline - this.#time.clock.now())) / (ways.length - turn);
      try {
        const connection = await this.#withinShare(shareMs, signal, (within) => openOne(way, within));
        this.#preferred = index;
        return connection;
      } catch (error) {
        if (signal.aborted) throw error;
        errors.push(error);
        tried.push(way.address);
      }
    }
    throw new AllHostsFailedError(errors, tried);
  }

  async #withinShare<Result>(
    shareMs: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const abort = new LazyAbort();
    const passOn = () => abort.abort(signal.reason);
    if (signal.aborted) passOn();
    signal.addEventListener('abort', passOn, { once: true });
    const overdue = () => abort.abort(new HostTimeoutError(shareMs));
    const timer = this.#time.timers.set(shareMs, overdue, { background: true });
    try {
      return await work(abort.signal);
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', passOn);
    }
  }
}
