/**
 * Owns what chaos does to a real server: sessions ended by the server itself, dials refused by a proxy on the way.
 * It must never know which server it is, nor when chaos reigns.
 */
import type { ChaosProxy } from '@cryo/testkit/chaos';
import type { Trouble } from '../../chaos/chaos.ts';
import type { Fault } from '../../chaos/plan.ts';
import type { Wire } from '../../wire/wire.ts';

export class ServerTrouble implements Trouble {
  faults: readonly Fault[] = [];
  readonly #wire: Wire;
  readonly #proxy: ChaosProxy | undefined;
  readonly #endSessions: () => Promise<void>;
  /** One change of the proxy after another. */
  #changed: Promise<void> = Promise.resolve();

  /** @param endSessions has the server end every session of the pool */
  constructor(wire: Wire, proxy: ChaosProxy | undefined, endSessions: () => Promise<void>) {
    this.#wire = wire;
    this.#proxy = proxy;
    this.#endSessions = endSessions;
  }

  /** Only what a server can't be made to do is left to the wire: taking longer. */
  afflict(faults: readonly Fault[]): void {
    this.faults = faults;
    this.#wire.afflict(faults.filter((fault) => fault === 'slow'));
    if (faults.includes('dial-failures')) this.#change((proxy) => proxy.apply({ kind: 'refusal' }));
  }

  heal(): void {
    this.faults = [];
    this.#wire.heal();
    this.#change((proxy) => proxy.heal());
  }

  kill(): void {
    void this.#endSessions();
  }

  #change(change: (proxy: ChaosProxy) => Promise<void>): void {
    const proxy = this.#proxy;
    if (proxy !== undefined) this.#changed = this.#changed.then(() => change(proxy));
  }
}
