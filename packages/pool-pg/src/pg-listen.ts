/**
 * Owns listening: one connection of its own, on which all channels of a pool are listened to, and its coming back.
 * It must never take a connection of the pool, nor lose a listener with a connection.
 */
import type { Driver } from '@cryo/pool-core';
import { CallContext, type Clock, exponentialBackoff, type Random, type Timer, type Timers } from '@cryo/resilience';
import type pg from 'pg';
import { hangUp } from './pg-dial.ts';
import { ConnectionEndedError } from './pg-errors.ts';
import { type PgConnection, stateOf } from './pg-types.ts';

/** Called with each notification of a channel, in order. What it throws is ignored, and so is what its promise rejects with. */
export type PgNotificationHandler = (payload: string, notification: pg.Notification) => unknown;

/** What a listener may say. */
export interface PgListenOptions {
  /** Called after the connection was lost and came back: what was sent in between is lost, so read the state anew. */
  readonly onGap?: () => unknown;
}

/** A listener in force. */
export interface PgSubscription extends AsyncDisposable {
  /** The channel that is listened to. */
  readonly channel: string;
  /** Ends it; the connection ends with the last one. */
  stop(): Promise<void>;
}

export interface ListenerParts {
  readonly driver: Driver<PgConnection>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Longest dial, in ms. */
  readonly dialMs: number;
  /** Time between two checks of the connection, and the longest check, in ms. */
  readonly checkEveryMs: number;
  readonly checkMs: number;
}

interface Listener extends PgListenOptions {
  readonly channel: string;
  readonly handler: PgNotificationHandler;
}

const BACKOFF = exponentialBackoff({ initialMs: 200, maxMs: 10_000, jitter: 0.1 });

export class Listening {
  readonly #parts: ListenerParts;
  readonly #listeners = new Set<Listener>();
  /** There while somebody listens; once lost, the same for all who ask until the connection is back. */
  #connecting: Promise<PgConnection> | undefined;
  #connection: PgConnection | undefined;
  #checking: Timer | undefined;
  #pause: { readonly timer: Timer; end(): void } | undefined;
  #said: Promise<unknown> = Promise.resolve();
  #life = new CallContext(Number.POSITIVE_INFINITY);
  #closed = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  async listen(
    channel: string,
    handler: PgNotificationHandler,
    options: PgListenOptions = {},
  ): Promise<PgSubscription> {
    if (this.#closed) throw new ConnectionEndedError('The pool is closed, nothing is listened to any more');
    const listener: Listener = { ...options, channel, handler };
    this.#listeners.add(listener);
    try {
      await this.#begin(listener);
    } catch (error) {
      await this.#stop(listener);
      throw error;
    }
    const stop = () => this.#stop(listener);
    return { channel, stop, [Symbol.asyncDispose]: stop };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    await this.#end();
  }

  async #stop(listener: Listener): Promise<void> {
    if (!this.#listeners.delete(listener)) return;
    if (this.#listeners.size === 0) return this.#end();
    const isHeard = [...this.#listeners].some(({ channel }) => channel === listener.channel);
    const connection = this.#connection;
    if (!isHeard && connection !== undefined) {
      await this.#say(connection, `UNLISTEN ${identifier(listener.channel)}`).catch(() => {});
    }
  }

  /** One statement after the other, as pg wants it. */
  #say(connection: PgConnection, text: string): Promise<unknown> {
    const said = this.#said.then(() => connection.query(text));
    this.#said = said.catch(() => {});
    return said;
  }

  async #end(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#connecting = undefined;
    this.#checking?.cancel();
    this.#life.abort(new ConnectionEndedError('Nobody listens any more'));
    this.#life = new CallContext(Number.POSITIVE_INFINITY);
    this.#pause?.end();
    if (connection === undefined) return;
    const { timers, checkMs } = this.#parts;
    const timer = timers.set(checkMs, () => hangUp(connection), { background: false });
    await connection.end().catch(() => {});
    timer.cancel();
  }

  /** A connection that breaks in the midst of it is waited for until it is back. */
  async #begin(listener: Listener): Promise<void> {
    while (this.#listeners.has(listener)) {
      this.#connecting ??= this.#connectFirst();
      const connection = await this.#connecting;
      try {
        await this.#say(connection, `LISTEN ${identifier(listener.channel)}`);
        return;
      } catch (error) {
        if (stateOf(connection)._queryable !== false) throw error;
        hangUp(connection);
        if (this.#connection === connection) await new Promise((resolve) => connection.once('end', resolve));
      }
    }
    throw new ConnectionEndedError('Nobody listens any more');
  }

  /** What nobody heals: the caller is told, and the next one tries anew. */
  #connectFirst(): Promise<PgConnection> {
    const first = this.#connect();
    first.catch(() => {
      if (this.#connecting === first) this.#connecting = undefined;
    });
    return first;
  }

  async #connect(): Promise<PgConnection> {
    const { driver, timers, clock, dialMs } = this.#parts;
    const life = this.#life;
    const context = new CallContext(clock.now() + dialMs);
    const late = () => context.abort(new ConnectionEndedError(`No connection to listen on within ${dialMs} ms`));
    const timer = timers.set(dialMs, late, { background: false });
    const ended = () => context.abort(life.signal.reason);
    life.signal.addEventListener('abort', ended, { once: true });
    let connection: PgConnection | undefined;
    try {
      const opened = await driver.open(context);
      connection = opened;
      context.signal.addEventListener('abort', () => hangUp(opened), { once: true });
      this.#hear(connection);
      for (const channel of new Set([...this.#listeners].map((one) => one.channel))) {
        await this.#say(connection, `LISTEN ${identifier(channel)}`);
      }
      if (life.signal.aborted) throw life.signal.reason;
    } catch (error) {
      if (connection !== undefined) hangUp(connection);
      throw error;
    } finally {
      timer.cancel();
      life.signal.removeEventListener('abort', ended);
    }
    this.#connection = connection;
    this.#checkLater(connection);
    return connection;
  }

  #hear(connection: PgConnection): void {
    connection.on('notification', (notification) => {
      for (const { channel, handler } of [...this.#listeners]) {
        if (channel === notification.channel) quietly(() => handler(notification.payload ?? '', notification));
      }
    });
    connection.on('end', () => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      this.#checking?.cancel();
      const healing = this.#heal();
      healing.catch(() => {});
      this.#connecting = healing;
    });
  }

  /** Until it is back, or nobody listens. */
  async #heal(): Promise<PgConnection> {
    const life = this.#life;
    const { random } = this.#parts;
    let previousMs: number | undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        const connection = await this.#connect();
        for (const { onGap } of [...this.#listeners]) quietly(() => onGap?.());
        return connection;
      } catch (error) {
        if (life !== this.#life) throw error;
        previousMs = BACKOFF.delayMs(attempt, previousMs, random);
        await this.#wait(previousMs);
        if (life !== this.#life) throw error;
      }
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        this.#pause = undefined;
        resolve();
      };
      const timer = this.#parts.timers.set(delayMs, end, { background: false });
      this.#pause = { timer, end };
    });
  }

  #checkLater(connection: PgConnection): void {
    const { timers, checkEveryMs, checkMs } = this.#parts;
    this.#checking = timers.set(
      checkEveryMs,
      () => {
        const limit = timers.set(checkMs, () => hangUp(connection), { background: true });
        this.#say(connection, '')
          .then(() => this.#connection === connection && this.#checkLater(connection))
          .catch(() => hangUp(connection))
          .finally(() => limit.cancel());
      },
      { background: true },
    );
  }
}

/** The other listeners hear it all the same. */
function quietly(run: () => unknown): void {
  new Promise((resolve) => resolve(run())).catch(() => {});
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
