/**
 * Owns one dial of one host: from a configuration to a client that is ready, or to one clear error and no socket.
 * It must never know which host is tried next, nor what a pool is.
 */
import type { AbortSignal } from '@cryo/resilience';
import type pg from 'pg';
import { NotPostgresError, TlsRefusedError } from './pg-errors.ts';
import { type PgClientClass, type PgConnection, wireOf } from './pg-types.ts';

/** pg's words for a server that answers 'N' to the request for TLS. */
const NO_TLS = 'The server does not support SSL connections';

/**
 * What a server may say first: to a startup message an authentication request, an error, a protocol version or a notice
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html), to a request for TLS one of S, N, E.
 */
const FIRST_BYTES = { plain: 'REvN', tls: 'SNE' } as const;

/** Connects. The client never raises an unheard 'error', from its first moment to its last. */
export function dial(Client: PgClientClass, config: pg.ClientConfig, signal: AbortSignal): Promise<PgConnection> {
  const client = new Client(config);
  client.on('error', unheard);
  // A connection string without a password would make pg forget the one beside it.
  if (config.connectionString !== undefined && config.password !== undefined) {
    Object.assign(client, { password: config.password });
  }
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      signal.removeEventListener('abort', aborted);
      stopListening();
      outcome();
    };
    const fail = (error: unknown) =>
      settle(() => {
        hangUp(client);
        reject(error);
      });
    const aborted = () => fail(signal.reason);
    const stopListening = listenToFirstByte(client, fail);
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    client.connect((error: Error | null | undefined) => {
      if (error === null || error === undefined) settle(() => resolve(client));
      else fail(error.message === NO_TLS ? new TlsRefusedError(error) : error);
    });
  });
}

/** Ends the socket of a client, now. */
export function hangUp(client: PgConnection): void {
  const wire = wireOf(client);
  if (wire === undefined) new Promise((resolve) => resolve(client.end())).catch(unheard);
  else wire.stream.destroy();
}

function unheard(): void {}

/** Another protocol's answer would be waited for as the rest of a message that never comes. */
function listenToFirstByte(client: PgConnection, fail: (error: unknown) => void): () => void {
  const stream = wireOf(client)?.stream;
  if (stream === undefined) return unheard;
  const { ssl, sslNegotiation } = client as { readonly ssl?: unknown; readonly sslNegotiation?: unknown };
  if (sslNegotiation === 'direct') return unheard;
  const allowed = FIRST_BYTES[ssl ? 'tls' : 'plain'];
  const heard = (chunk: Uint8Array) => {
    const first = String.fromCharCode(chunk[0] ?? 0);
    if (!allowed.includes(first) || (ssl && first !== 'E' && chunk.length > 1))
      fail(new NotPostgresError(shown(chunk)));
  };
  stream.once('data', heard);
  return () => stream.removeListener('data', heard);
}

/** As much of it as tells people what it is. */
function shown(chunk: Uint8Array): string {
  return JSON.stringify(Buffer.from(chunk.subarray(0, 12)).toString('latin1'));
}
