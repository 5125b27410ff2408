/**
 * Owns the distance between the service and its database: service time, and the faults of a network.
 * It must never know a pool, nor what is asked of the database.
 */
import type { Trouble } from '../chaos/chaos.ts';
import type { Fault } from '../chaos/plan.ts';

/** What a fault of the wire looks like to whoever was using it. */
export class WireFault extends Error {
  readonly code: 'DIAL_REFUSED' | 'CONNECTION_LOST';

  constructor(code: WireFault['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WireFault';
    this.code = code;
  }
}

/** How many times longer everything takes while the wire is slow. */
const SLOWDOWN = 12;

/** One live connection: who wants to know of its end, and who is waiting for its answer. */
interface Link {
  broken: ((error: unknown) => void) | undefined;
  waiter: ((error: unknown) => void) | undefined;
}

/** Every connection of the service crosses one wire; faults befall the wire, and so all of them. */
export class Wire implements Trouble {
  readonly #links = new Map<object, Link>();
  readonly #serviceTime: () => number;
  #faults: readonly Fault[] = [];

  /** @param serviceTime draws how long the next request takes, in ms */
  constructor(serviceTime: () => number) {
    this.#serviceTime = serviceTime;
  }

  /** The faults that act now. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  afflict(faults: readonly Fault[]): void {
    this.#faults = faults;
  }

  heal(): void {
    this.#faults = [];
  }

  /** @throws WireFault while no connection can be opened */
  dial(): void {
    if (this.#faults.includes('dial-failures')) throw new WireFault('DIAL_REFUSED', 'nobody answers at the far end');
  }

  opened(connection: object): void {
    this.#links.set(connection, { broken: undefined, waiter: undefined });
  }

  /** Our end hung up: a request still on the way gets no answer. */
  closed(connection: object): void {
    this.#links.get(connection)?.waiter?.(lost());
    this.#links.delete(connection);
  }

  watch(connection: object, broken: (error: unknown) => void): () => void {
    const link = this.#links.get(connection);
    if (link !== undefined) link.broken = broken;
    return () => {
      if (link !== undefined) link.broken = undefined;
    };
  }

  /**
   * Waits the service time of one request.
   *
   * @throws WireFault when the connection is lost, at once or on the way
   */
  cross(connection: object): Promise<void> {
    const link = this.#links.get(connection);
    if (link === undefined) return Promise.reject(lost());
    const delayMs = this.#serviceTime() * (this.#faults.includes('slow') ? SLOWDOWN : 1);
    if (delayMs === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const arrival = setTimeout(() => {
        link.waiter = undefined;
        resolve();
      }, delayMs);
      link.waiter = (error) => {
        clearTimeout(arrival);
        reject(error);
      };
    });
  }

  /** Breaks every live connection: requests on the way fail, the owner is told, later use fails. */
  kill(): number {
    const links = [...this.#links.values()];
    this.#links.clear();
    for (const link of links) {
      const error = lost();
      link.waiter?.(error);
      link.broken?.(error);
    }
    return links.length;
  }
}

function lost(): WireFault {
  return new WireFault('CONNECTION_LOST', 'the connection was lost');
}
