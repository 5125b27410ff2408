/**
 * Owns one case while it runs: the driver, what was opened, the patience, and what escaped to the process.
 * It must never know which case it is.
 */
import type { Driver } from '@cryo/pool-core';
import { CallContext, systemClock, systemTimers } from '@cryo/resilience';
import { hearEscapes } from '../platform.ts';
import type { DriverUnderTest } from './subject.ts';

const LIMIT_MS = 2_000;
const LOOK_AGAIN_MS = 10;

/** A driver that does not keep the contract. The message says what was seen. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

export class Trial<Connection> {
  readonly subject: DriverUnderTest<Connection>;
  readonly driver: Driver<Connection>;
  /** How long anything may take, in ms. */
  readonly limitMs: number;
  readonly #opened = new Set<Connection>();
  #countBefore = 0;

  constructor(subject: DriverUnderTest<Connection>, driver: Driver<Connection>) {
    this.subject = subject;
    this.driver = driver;
    this.limitMs = subject.limitMs ?? LIMIT_MS;
  }

  /** Runs a case, ends what it left open, and fails when anything escaped meanwhile. */
  async run(body: (trial: Trial<Connection>) => Promise<void>): Promise<void> {
    const escapes: string[] = [];
    const unhear = hearEscapes((what, error) => escapes.push(`${what}: ${describe(error)}`));
    try {
      this.#countBefore = (await this.subject.countConnections?.()) ?? 0;
      await body(this);
    } finally {
      for (const connection of this.#opened) this.end(connection);
      await this.pause(0);
      unhear();
    }
    this.expect(escapes.length === 0, `something escaped to the process: ${escapes.join('; ')}`);
  }

  context(): CallContext {
    return new CallContext(systemClock.now() + this.limitMs);
  }

  /** Opens a connection that is ended with the case. */
  async open(driver = this.driver): Promise<Connection> {
    const context = this.context();
    const connection = await this.within(
      'open()',
      attempt(() => driver.open(context)),
    );
    this.#opened.add(connection);
    return connection;
  }

  /** Ends a connection now. What `destroy` throws is of no interest here. */
  end(connection: Connection): void {
    this.#opened.delete(connection);
    try {
      this.driver.destroy(connection);
    } catch {
      // A case of its own asks for that.
    }
  }

  async check(connection: Connection): Promise<void> {
    await this.within(
      'check()',
      attempt(() => this.driver.check(connection, this.context())),
    );
  }

  async close(connection: Connection): Promise<void> {
    this.#opened.delete(connection);
    await this.within(
      'close()',
      attempt(() => this.driver.close(connection, this.context())),
    );
  }

  /** What a promise becomes, if that is soon enough. */
  within<Result>(what: string, settling: PromiseLike<Result>, limitMs = this.limitMs): Promise<Result> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new ConformanceError(`${what} has not settled after ${limitMs} ms`));
      const timer = systemTimers.set(limitMs, late, { background: false });
      settling.then(
        (result) => {
          timer.cancel();
          resolve(result);
        },
        (error) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }

  /** Waits for a promise to settle, whichever way, soon enough. */
  async settles(what: string, settling: PromiseLike<unknown>): Promise<'resolved' | 'rejected'> {
    const settled = settling.then(
      () => 'resolved' as const,
      () => 'rejected' as const,
    );
    return this.within(what, settled);
  }

  /** What a promise is rejected with; it fails the case when it is not. */
  async rejection(what: string, settling: PromiseLike<unknown>): Promise<unknown> {
    const settled = settling.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const rejected = await this.within(what, settled);
    if (rejected === undefined) throw new ConformanceError(`${what} succeeded; it should have been rejected`);
    return rejected.error;
  }

  /** Waits until something is so; fails the case when it does not become so. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const endMs = systemClock.now() + this.limitMs;
    while (!(await isSo())) {
      this.expect(systemClock.now() < endMs, `${what}, for ${this.limitMs} ms`);
      await this.pause(LOOK_AGAIN_MS);
    }
  }

  /** Waits until the server has no more connections than when the case began. */
  async leavesNothing(): Promise<void> {
    const { countConnections } = this.subject;
    if (countConnections === undefined) return;
    const before = this.#countBefore;
    let count = before;
    await this.until('connections remain on the server', async () => {
      count = await countConnections();
      return count <= before;
    });
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => systemTimers.set(ms, resolve, { background: false }));
  }

  expect(isSo: boolean, otherwise: string): void {
    if (!isSo) throw new ConformanceError(otherwise);
  }
}

/** A call into the driver, whose throw is a rejection. */
export function attempt<Result>(call: () => Result | PromiseLike<Result>): Promise<Result> {
  return new Promise((resolve) => resolve(call()));
}

/** A value in words, whatever it is. */
export function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}
