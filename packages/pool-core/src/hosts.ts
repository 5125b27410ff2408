/**
 * Owns which of several hosts gives a connection: they are tried in order, each within its share of the dial's time.
 * It must never know how a host is dialed, nor where the list comes from.
 */
import { type AbortSignal, type CallContext, type Clock, LazyAbort, type Timers } from '@cryo/resilience';
import { AllHostsFailedError, HostTimeoutError } from './adapter-errors.ts';

/** The part of a dial's time that its hosts share: the rest is there to tell what they said. */
const SHARED = 0.9;

/** What a dial of one host has. */
export type HostContext = Pick<CallContext, 'signal' | 'deadline'>;

/** The hosts of one driver. */
export class Hosts {
  readonly #time: { readonly clock: Clock; readonly timers: Timers };
  /** The host that gave the last connection. */
  #preferred = 0;

  constructor(time: { readonly clock: Clock; readonly timers: Timers }) {
    this.#time = time;
  }

  /**
   * The connection of the first that gives one, beginning with the one that gave the last. Of a single host there are no shares,
   * and its error is the dial's.
   *
   * @throws AllHostsFailedError when none of several gives one
   */
  async open<Host extends { readonly address: string }, Connection>(
    hosts: readonly Host[],
    { signal, deadline }: HostContext,
    openOne: (host: Host, context: HostContext) => Promise<Connection>,
  ): Promise<Connection> {
    const [only] = hosts;
    if (only !== undefined && hosts.length === 1) return openOne(only, { signal, deadline });
    const errors: unknown[] = [];
    const tried: string[] = [];
    // Another dial may move the preference meanwhile, and this one would then pass over a host.
    const first = this.#preferred;
    for (const turn of hosts.keys()) {
      const index = (first + turn) % hosts.length;
      const host = hosts[index] as Host;
      const shareMs = (SHARED * (deadline - this.#time.clock.now())) / (hosts.length - turn);
      try {
        const connection = await this.#withinShare(shareMs, signal, (context) => openOne(host, context));
        this.#preferred = index;
        return connection;
      } catch (error) {
        if (signal.aborted) throw error;
        errors.push(error);
        tried.push(host.address);
      }
    }
    throw new AllHostsFailedError(errors, tried);
  }

  async #withinShare<Result>(
    shareMs: number,
    signal: AbortSignal,
    work: (context: HostContext) => Promise<Result>,
  ): Promise<Result> {
    const { clock, timers } = this.#time;
    const abort = new LazyAbort();
    const passOn = () => abort.abort(signal.reason);
    if (signal.aborted) passOn();
    signal.addEventListener('abort', passOn, { once: true });
    const overdue = () => abort.abort(new HostTimeoutError(shareMs));
    const timer = timers.set(shareMs, overdue, { background: true });
    try {
      return await work({ signal: abort.signal, deadline: clock.now() + shareMs });
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', passOn);
    }
  }
}
