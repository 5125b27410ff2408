/**
 * Owns what a server says before a client is ready: whether it is PostgreSQL that speaks, and whether pg can read it.
 * It must never know a password, nor what is said afterwards.
 */
import { NotPostgresError, UnreadableAnswerError } from './pg-errors.ts';
import { type PgConnection, type PgReadable, type PgWire, wireOf } from './pg-types.ts';

/**
 * What a server may say first: to a startup message an authentication request, an error, a protocol version or a notice
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html), to a request for TLS one of S, N, E.
 */
const FIRST_BYTES = { plain: 'REvN', tls: 'SNE' } as const;

/** No first message is longer, in bytes: libpq's own limit for errors (MAX_ERRLEN in fe-connect.c); other messages have less. */
const LONGEST_GREETING = 30_000;
const LENGTH_BYTES = 4;

/** Listens until the answer is called. What is wrong is told once or more often. */
export function overhear(client: PgConnection, wrong: (error: unknown) => void): () => void {
  const wire = wireOf(client);
  if (wire === undefined) return () => {};
  const stops = [hearFirstBytes(client, wire, wrong), guardReading(wire, wrong)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Another protocol's answer would be waited for as the rest of a message that never comes. */
function hearFirstBytes(client: PgConnection, { stream }: PgWire, wrong: (error: unknown) => void): () => void {
  const { ssl, sslNegotiation } = client as { readonly ssl?: unknown; readonly sslNegotiation?: unknown };
  if (sslNegotiation === 'direct') return () => {};
  const isGreeting = ssl ? answersTls : beginsMessage;
  const heard = (chunk: Uint8Array) => {
    if (!isGreeting(chunk)) wrong(new NotPostgresError(shown(chunk)));
  };
  stream.once('data', heard);
  return () => void stream.removeListener('data', heard);
}

function answersTls(chunk: Uint8Array): boolean {
  const first = letterOf(chunk);
  return FIRST_BYTES.tls.includes(first) && (first === 'E' || chunk.length === 1);
}

function beginsMessage(chunk: Uint8Array): boolean {
  if (!FIRST_BYTES.plain.includes(letterOf(chunk))) return false;
  if (chunk.length <= LENGTH_BYTES) return true;
  const length = Buffer.from(chunk).readUInt32BE(1);
  return length >= LENGTH_BYTES && length <= LONGEST_GREETING;
}

function letterOf(chunk: Uint8Array): string {
  return String.fromCharCode(chunk[0] ?? 0);
}

/** As much of it as tells people what it is. */
function shown(chunk: Uint8Array): string {
  return JSON.stringify(Buffer.from(chunk.subarray(0, 12)).toString('latin1'));
}

/** What pg can't read, a way to authenticate that it does not know, it throws out of the socket's event: that ends the process. */
function guardReading(wire: PgWire, wrong: (error: unknown) => void): () => void {
  const { attachListeners } = wire;
  if (attachListeners === undefined) return () => {};
  const unguard: (() => void)[] = [];
  const guarded = (stream: PgReadable): PgReadable => ({
    on(event, listener) {
      if (event !== 'data') return stream.on(event, listener);
      const read = (chunk: Uint8Array) => {
        try {
          listener(chunk);
        } catch (error) {
          wrong(new UnreadableAnswerError(error));
        }
      };
      unguard.push(() => {
        stream.on('data', listener);
        stream.removeListener('data', read);
      });
      return stream.on('data', read);
    },
    removeListener: (event, listener) => stream.removeListener(event, listener),
  });
  wire.attachListeners = (stream) => attachListeners.call(wire, guarded(stream));
  return () => {
    wire.attachListeners = attachListeners;
    for (const end of unguard) end();
  };
}
