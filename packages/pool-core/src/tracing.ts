/**
 * Owns what tracers hear of a pool: one TracingChannel of Node's for each thing that takes time.
 * It must never change what a pool does, nor cost anything while nobody listens.
 */
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { Driver } from './driver.ts';
import type { Lease } from './lease.ts';
import type { PoolOptions } from './options.ts';
import { createPool, type Pool } from './pool.ts';
import { wrapPool } from './pool-wrapper.ts';
import { createRedactor, type Redactor } from './redaction.ts';
import { parseSettings } from './settings.ts';

/** What every message of a channel carries. `error` is there once it failed, secrets masked. */
export interface TraceMessage {
  /** The name of the pool. */
  readonly pool: string;
  /** What it failed with, secrets masked; not there until it did. */
  error?: unknown;
}

/** Messages of `cryo.pool.acquire`, `cryo.pool.use` and `cryo.pool.lease`. */
export interface RequestMessage extends TraceMessage {
  /** The label that the lease was asked for with; `undefined` without one. */
  readonly label: string | undefined;
}

/** Messages of `cryo.pool.dial`, `cryo.pool.check`, `cryo.pool.reset` and `cryo.pool.close`. */
export interface DriverMessage<Connection = unknown> extends TraceMessage {
  /** What the driver is called, for telemetry: `db.system.name`. */
  readonly driver: string;
  /** Where the server is, as the driver says it. */
  readonly server: Driver<Connection>['server'];
  /** The driver's own; of a dial once it is there. */
  connection?: Connection;
}

/**
 * The channels by what they tell of. Each is a TracingChannel, so `tracing:cryo.pool.acquire:start` and so on: `start` and
 * `end` around the call, `asyncStart` and `asyncEnd` when it settles, `error` when it fails. A store bound to `start` with
 * `bindStore` is in force for all that happens within.
 *
 * - `acquire`: from the request to the lease
 * - `use`: from the request to the end of the work
 * - `lease`: from the lease to its release; what the work of `use` does happens within
 * - `dial`, `check`, `reset`, `close`: calls into the driver; a reset that had nothing to do is none
 */
export const channels = {
  acquire: tracingChannel<unknown, RequestMessage>('cryo.pool.acquire'),
  use: tracingChannel<unknown, RequestMessage>('cryo.pool.use'),
  lease: tracingChannel<unknown, RequestMessage>('cryo.pool.lease'),
  dial: tracingChannel<unknown, DriverMessage>('cryo.pool.dial'),
  check: tracingChannel<unknown, DriverMessage>('cryo.pool.check'),
  reset: tracingChannel<unknown, DriverMessage>('cryo.pool.reset'),
  close: tracingChannel<unknown, DriverMessage>('cryo.pool.close'),
} as const;

/**
 * `createPool` of a traced driver, traced.
 *
 * @throws InvalidOptionsError listing every fault of the options; then nothing was opened
 */
export function createTracedPool<Connection>(options: PoolOptions<Connection>): Pool<Connection> {
  // A driver that is traced has every method, whatever it lacked: so it is judged as it came.
  parseSettings(options);
  const { name, driver } = options;
  return tracePool(createPool({ ...options, driver: traceDriver(driver, name) }), {
    secrets: () => driver.secrets?.() ?? [],
  });
}

/** The driver, whose calls are told to `dial`, `check`, `reset` and `close`. */
export function traceDriver<Connection>(driver: Driver<Connection>, pool: string): Driver<Connection> {
  const redactor = createRedactor(() => driver.secrets?.() ?? []);
  const message = (connection?: Connection): DriverMessage<Connection> => {
    const told = { pool, driver: driver.name, server: driver.server };
    return connection === undefined ? told : { ...told, connection };
  };
  const { reset, ...parts } = boundParts(driver);
  const traced: Driver<Connection> = {
    ...parts,
    open(context) {
      if (!channels.dial.hasSubscribers) return driver.open(context);
      const told = message();
      return trace(channels.dial, told, redactor, async () => {
        told.connection = await driver.open(context);
        return told.connection;
      });
    },
    check(connection, context) {
      if (!channels.check.hasSubscribers) return driver.check(connection, context);
      return trace(channels.check, message(connection), redactor, () => driver.check(connection, context));
    },
    close(connection, context) {
      if (!channels.close.hasSubscribers) return driver.close(connection, context);
      return trace(channels.close, message(connection), redactor, () => driver.close(connection, context));
    },
    destroy: (connection) => driver.destroy(connection),
  };
  if (reset === undefined) return traced;
  traced.reset = (connection, context) => {
    const answer = reset(connection, context);
    if (answer === undefined || !channels.reset.hasSubscribers) return answer;
    return trace(channels.reset, message(connection), redactor, () => answer);
  };
  return traced;
}

/**
 * The pool, whose requests and leases are told to `acquire`, `use` and `lease`. Everything else is the pool's own.
 *
 * @param options `secrets` are masked in errors, as those of a driver are
 */
export function tracePool<Connection>(
  pool: Pool<Connection>,
  { secrets = () => [] }: { readonly secrets?: () => readonly string[] } = {},
): Pool<Connection> {
  const redactor = createRedactor(secrets);
  const message = (label: string | undefined): RequestMessage => ({ pool: pool.name, label });
  return wrapPool(pool, {
    acquire(options) {
      if (!channels.acquire.hasSubscribers && !channels.lease.hasSubscribers) return pool.acquire(options);
      const acquiring = trace(channels.acquire, message(options?.label), redactor, () => pool.acquire(options));
      return acquiring.then((lease) => {
        followLease(lease, message(options?.label), redactor);
        return lease;
      });
    },
    tryAcquire(options) {
      const lease = pool.tryAcquire(options);
      if (lease !== undefined) followLease(lease, message(options?.label), redactor);
      return lease;
    },
    use(work, options) {
      if (!channels.use.hasSubscribers && !channels.acquire.hasSubscribers && !channels.lease.hasSubscribers)
        return pool.use(work, options);
      const { label } = options ?? {};
      return trace(channels.use, message(label), redactor, async () => {
        const acquiring = new Span(channels.acquire, message(label), redactor);
        acquiring.start(() => {});
        try {
          return await pool.use((connection, context) => {
            acquiring.succeeded();
            return trace(channels.lease, message(label), redactor, async () => work(connection, context));
          }, options);
        } catch (error) {
          acquiring.failed(error);
          throw error;
        }
      });
    },
  });
}

type Channel<Message extends TraceMessage> = TracingChannel<unknown, Message>;

/** The optional parts, and what is no call, as they are. */
function boundParts<Connection>(
  driver: Driver<Connection>,
): Omit<Driver<Connection>, 'open' | 'check' | 'close' | 'destroy'> {
  const optional = ['watch', 'classify', 'ref', 'unref', 'secrets', 'reset'] as const;
  const parts = optional.flatMap((name) => {
    const method: unknown = driver[name];
    return typeof method === 'function' ? [[name, method.bind(driver)]] : [];
  });
  return { name: driver.name, ...(driver.server && { server: driver.server }), ...Object.fromEntries(parts) };
}

/** One thing that takes time, told as `tracePromise` tells it, but with its error masked. It ends once. */
class Span<Message extends TraceMessage> {
  readonly #channel: Channel<Message>;
  readonly #message: Message;
  readonly #redactor: Redactor;
  #state: 'running' | 'over' = 'running';

  constructor(channel: Channel<Message>, message: Message, redactor: Redactor) {
    this.#channel = channel;
    this.#message = message;
    this.#redactor = redactor;
  }

  start<Result>(run: () => Result): Result {
    const { start, end } = this.#channel;
    return start.runStores(this.#message, () => {
      try {
        return run();
      } finally {
        end.publish(this.#message);
      }
    });
  }

  succeeded(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#channel.asyncStart.publish(this.#message);
    this.#channel.asyncEnd.publish(this.#message);
  }

  failed(error: unknown): void {
    if (this.#state === 'over') return;
    this.#message.error = this.#redactor.mask(error);
    this.#channel.error.publish(this.#message);
    this.succeeded();
  }
}

/** A call into somebody else's code: what it throws at once is as good as a rejection. */
async function trace<Message extends TraceMessage, Result>(
  channel: Channel<Message>,
  message: Message,
  redactor: Redactor,
  run: () => Promise<Result>,
): Promise<Result> {
  const span = new Span(channel, message, redactor);
  try {
    const result = await span.start(run);
    span.succeeded();
    return result;
  } catch (error) {
    span.failed(error);
    throw error;
  }
}

/** The lease tells of its own end. */
function followLease(lease: Lease<unknown>, message: RequestMessage, redactor: Redactor): void {
  if (!channels.lease.hasSubscribers) return;
  const span = new Span(channels.lease, message, redactor);
  span.start(() => {});
  const { release, evict } = lease;
  lease.release = (error) => {
    release.call(lease, error);
    if (error === undefined) span.succeeded();
    else span.failed(error);
  };
  lease.evict = () => {
    evict.call(lease);
    span.succeeded();
  };
}
