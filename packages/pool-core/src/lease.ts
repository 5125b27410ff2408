/**
 * Owns what a caller holds: the loan of one connection, and the promise that it ends once.
 * It must never know what becomes of the connection afterwards.
 */
import { OptionCheck } from '@cryo/resilience';
import { EVICTION, type PooledConnection } from './connection.ts';
import { LeaseReleasedError } from './errors.ts';

/**
 * The loan of one connection. It ends with the first `release`, or at the end of a `using` block; whatever comes after
 * changes nothing. A connection that was taken back is never reached through an old lease again.
 */
export class Lease<Connection> {
  readonly #record: PooledConnection<Connection>;
  readonly #stamp: number;

  /** @internal Leases are made by the pool. */
  constructor(record: PooledConnection<Connection>) {
    this.#record = record;
    this.#stamp = record.stamp;
  }

  /**
   * The driver's own connection.
   *
   * @throws LeaseReleasedError after the lease ended
   */
  get connection(): Connection {
    if (!this.inForce) throw new LeaseReleasedError(this.#record.desk.pool, { label: this.label });
    return this.#record.resource;
  }

  /** Whether the connection is still its holder's. */
  get inForce(): boolean {
    return this.#record.stamp === this.#stamp;
  }

  /**
   * Gives the connection back. Returns at once; a reset runs behind.
   *
   * @param error what the work failed with: its class decides whether the connection is kept
   * @throws InvalidOptionsError when it is called on anything but a lease, as a method taken off one is
   */
  release(error?: unknown): void {
    if (!Lease.#isLease(this)) return refuseForeign(this, 'release');
    const record = this.#record;
    if (record.stamp === this.#stamp) record.desk.release(record, error);
    else Lease.#releasedAgain(this);
  }

  /**
   * Gives the connection back to be ended instead of lent again: for a holder who knows that it is spoilt in a way that no reset
   * finds. Nothing is concluded from it about the others; its place is dialed anew where it is needed.
   *
   * @throws InvalidOptionsError when it is called on anything but a lease, as a method taken off one is
   */
  evict(): void {
    if (!Lease.#isLease(this)) return refuseForeign(this, 'evict');
    const record = this.#record;
    if (record.stamp === this.#stamp) record.desk.release(record, EVICTION);
    else Lease.#releasedAgain(this);
  }

  /**
   * @internal A promise that is fulfilled already. A method, since the engine has then looked at what `this` is: with the class
   * known, it finds out while it compiles that a lease has no `then`, where a promise else looks for it each time it is resolved.
   */
  asPromise(): Promise<this> {
    return Promise.resolve(this);
  }

  /** @internal What its holder is called, where it said so. */
  protected get label(): string | undefined {
    return undefined;
  }

  /** @internal Tells when the pool takes the connection away before its holder gave it back. */
  static whenRevoked(lease: Lease<unknown>, revoked: (reason: unknown) => void): void {
    lease.#record.detail().revoke = revoked;
  }

  /** Private to the class: one that is private to a lease would be a word more in each of them. */
  static #releasedAgain(lease: Lease<unknown>): void {
    const record = lease.#record;
    record.desk.releasedAgain(record, { stamp: lease.#stamp, label: lease.label });
  }

  static #isLease(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #record in value;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

function refuseForeign(value: unknown, call: 'release' | 'evict'): void {
  const check = new OptionCheck(call);
  check.fault('this', value, `a lease, as in lease.${call}()`);
  check.throwIfFaulty();
}

/** A lease whose holder has a name: most have none, and need no room for it. */
export class LabelledLease<Connection> extends Lease<Connection> {
  readonly #label: string;

  constructor(record: PooledConnection<Connection>, label: string) {
    super(record);
    this.#label = label;
  }

  protected override get label(): string {
    return this.#label;
  }
}
