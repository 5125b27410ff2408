/**
 * Owns one dial of one host: from a configuration to a client that is ready, or to one clear error and no socket.
 * It must never know which host is tried next, nor what a pool is.
 */
import type { FirstWords } from '@cryo/pool-core';
import type { AbortSignal } from '@cryo/resilience';
import pg from 'pg';
import { ConfigurationRefusedError, TlsRefusedError } from './pg-errors.ts';
import { overhear } from './pg-greeting.ts';
import { canShareReads, makeSocket } from './pg-socket.ts';
import { type PgClientClass, type PgConnection, wireOf } from './pg-types.ts';

/** pg's words for a server that answers 'N' to the request for TLS. */
const NO_TLS = 'The server does not support SSL connections';

/** What clients ended with: the first error that no statement was told. */
const ends = new WeakMap<PgConnection, unknown>();

/** What the caller makes sockets with, of clients that have such ones. */
const streams = new WeakMap<PgConnection, NonNullable<pg.ClientConfig['stream']>>();

/** What leads to the server of a client, where its caller says so. */
export function streamOf(client: PgConnection): pg.ClientConfig['stream'] {
  return streams.get(client);
}

/** Why a client can't be asked any more, where that is known. */
export function endOf(client: PgConnection): unknown {
  return ends.get(client);
}

/** Connects. The client never raises an unheard 'error', from its first moment to its last. */
export function dial(
  Client: PgClientClass,
  config: pg.ClientConfig,
  { signal, ...wait }: { readonly signal: AbortSignal; readonly deadline: number; readonly firstWords: FirstWords },
): Promise<PgConnection> {
  const client = construct(Client, config);
  if (config.stream !== undefined) streams.set(client, config.stream);
  client.on('error', (error) => void (ends.has(client) || ends.set(client, error)));
  // A connection string without a password would make pg forget the one beside it.
  if (config.connectionString !== undefined && config.password !== undefined) {
    Object.assign(client, { password: config.password });
  }
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      signal.removeEventListener('abort', aborted);
      listening.end();
      client.removeListener('error', fail);
      outcome();
    };
    const fail = (error: unknown) =>
      settle(() => {
        hangUp(client);
        reject(error);
      });
    const aborted = () => fail(signal.reason);
    const listening = overhear(client, { ...wait, hasOwnStream: streamOf(client) !== undefined }, fail);
    // What goes wrong with a password, pg tells so, and to nobody who waits for the connection.
    client.on('error', fail);
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    client.connect((error: Error | null | undefined) => {
      if (error === null || error === undefined) settle(() => resolve(client));
      else fail(error.message === NO_TLS ? new TlsRefusedError(error) : listening.explained(error));
    });
  });
}

/** pg reads the connection string, and files that it names, when a client is made. */
function construct(Client: PgClientClass, config: pg.ClientConfig): PgConnection {
  try {
    return new Client(sharesReads(Client, config) ? { ...config, stream: makeSocket } : config);
  } catch (error) {
    throw new ConfigurationRefusedError(error);
  }
}

/** Another class of clients may make a stream of its own, and does so only where it is given none. */
function sharesReads(Client: PgClientClass, { stream }: pg.ClientConfig): boolean {
  return stream === undefined && Client === pg.Client && canShareReads();
}

/** Ends the socket of a client, now. */
export function hangUp(client: PgConnection): void {
  // A holder may have taken away who heard it.
  client.on('error', unheard);
  const wire = wireOf(client);
  if (wire === undefined) new Promise((resolve) => resolve(client.end())).catch(unheard);
  else wire.stream.destroy();
}

function unheard(): void {}
