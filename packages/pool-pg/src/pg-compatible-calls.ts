/**
 * Owns what passes between the drop-in and others: a client's answers, callbacks of callers, the ends that a driver is asked for.
 * It must never know a pool.
 */
import type { Driver } from '@cryo/pool-core';
import type { PgConnection } from './pg-types.ts';

/** How an answer is told to a callback. */
export type Answered = (error: unknown, result?: unknown) => void;

/** pg's client answers by callback whatever it is given: texts, objects, queries of their own. */
export function answerOf(client: PgConnection, statement: unknown, values: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      client.removeListener('error', failed);
      outcome();
    };
    const failed = (error: Error) => settle(() => reject(error));
    const answered: Answered = (error, result) => settle(() => (error ? reject(error) : resolve(result)));
    client.once('error', failed);
    try {
      client.query(statement as string, values as unknown[], answered);
    } catch (error) {
      settle(() => reject(error));
    }
  });
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
