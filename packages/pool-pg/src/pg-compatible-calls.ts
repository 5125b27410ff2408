/**
 * Owns what passes between the drop-in and others: a client's answers, listeners, callbacks and hooks of callers.
 * It must never know a pool.
 */
import type { EventEmitter } from 'node:events';
import type { Driver } from '@cryo/pool-core';
import type pg from 'pg';
import type { PgConnection } from './pg-types.ts';

/** How an answer is told to a callback. */
export type Answered = (error: unknown, result?: unknown) => void;

/** Told a client, as pg tells it, unless it answers a promise. */
type Connects = (connected: (error?: Error | null, client?: pg.PoolClient) => void) => unknown;

/** pg's own cursor: it calls nobody back, and tells of its end. */
interface Cursor extends EventEmitter {
  submit(connection: unknown): void;
  read(rows: number): unknown;
}

/**
 * pg's client answers by callback whatever it is given: texts, objects, queries of their own. `settled` is called in the same
 * turn in which the client has its answer; after an error a little later, when the client has heard that it may go on.
 */
export async function answerOf(
  client: PgConnection,
  statement: unknown,
  values: unknown,
  settled: (error: unknown) => void,
): Promise<unknown> {
  try {
    return await new Promise((resolve, reject) => {
      const failed = (error: unknown) => settle(() => reject(error));
      let settle = (outcome: () => void) => {
        settle = () => {};
        client.removeListener('error', failed);
        outcome();
      };
      const answered: Answered = (error, result) => {
        if (error) return failed(error);
        settle(() => {
          settled(undefined);
          resolve(result);
        });
      };
      client.once('error', failed);
      if (isCursor(statement)) statement.once('error', failed).once('end', (result) => answered(undefined, result));
      client.query(statement as string, values as unknown[], answered);
    });
  } catch (error) {
    settled(error);
    // The driver's own stack leads to a socket.
    if (error instanceof Error && Object.isExtensible(error)) Error.captureStackTrace(error);
    throw error;
  }
}

function isCursor(statement: unknown): statement is Cursor {
  const { submit, read, once } = (statement ?? {}) as { readonly [Name in keyof Cursor]?: unknown };
  return [submit, read, once].every((member) => typeof member === 'function') && !('pipe' in Object(statement));
}

/** The client that somebody else's `connect` gives. */
export function clientFrom(connect: Connects): Promise<pg.PoolClient> {
  return new Promise((resolve, reject) => {
    const answer = connect((error, client) => (error ? reject(error) : resolve(client as pg.PoolClient)));
    if (answer !== undefined) resolve(answer as Promise<pg.PoolClient>);
  });
}

/** Resolves when the hook has called back. */
export function verified(client: PgConnection, verify: NonNullable<pg.PoolOptions['verify']>): Promise<void> {
  return new Promise((resolve, reject) => {
    verify(client as pg.PoolClient, (error) => (error ? reject(error) : resolve()));
  });
}

/** What a listener throws is the process's to hear, as with any emitter, but it keeps nobody from going on. */
export function tell(emitter: Pick<EventEmitter, 'emit'>, name: string, ...told: readonly unknown[]): void {
  try {
    emitter.emit(name, ...told);
  } catch (error) {
    later(() => {
      throw error;
    });
  }
}

/** Out of the promise: what a callback throws is its own. */
export function later(callback: () => void): void {
  process.nextTick(callback);
}

/** The driver, and a record of the clients whose end it was asked for. */
export function noticingEnds(driver: Driver<PgConnection>, ended: WeakSet<PgConnection>): Driver<PgConnection> {
  return {
    ...driver,
    close: (client, context) => {
      ended.add(client);
      return driver.close(client, context);
    },
    destroy: (client) => {
      ended.add(client);
      driver.destroy(client);
    },
  };
}
