/**
 * Owns what a server says before a client is ready: whether it is PostgreSQL that speaks, and whether pg can read it.
 * It must never know a password, nor what is said afterwards.
 */
import { connect } from 'node:net';
import { FirstWords, type FirstWordsRules, type Peer } from '@cryo/pool-core';
import { shown } from './pg-address.ts';
import { HungUpError, NotPostgresError, UnreadableAnswerError } from './pg-errors.ts';
import { type PgConnection, type PgReadable, type PgWire, stateOf, wireOf } from './pg-types.ts';

/**
 * What a server may say first: to a startup message an authentication request, an error, a protocol version or a notice
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html), to a request for TLS one of S, N, E.
 */
const FIRST_BYTES = { plain: 'REvN', tls: 'SNE' } as const;

/** No first message is longer, in bytes: libpq's own limit for errors (MAX_ERRLEN in fe-connect.c); other messages have less. */
const LONGEST_GREETING = 30_000;
const LENGTH_BYTES = 4;

/** pg's words for a socket that the server ended. */
const HUNG_UP = 'Connection terminated unexpectedly';

/** The wait for the first words of the servers that one driver dials. */
export function pgFirstWords(time: Pick<FirstWordsRules, 'clock' | 'timers'>): FirstWords {
  return new FirstWords({
    ...time,
    judge: (said) => (beginsMessage(said) ? 'right' : 'wrong'),
    // PostgreSQL hangs up on this question too.
    foreign: (address, answer) => (answer === 'hung-up' ? undefined : new NotPostgresError({ address, answer })),
  });
}

/** One who listens to a dial. */
export interface Listening {
  end(): void;
  /** An error of pg's, told better where more was heard than pg says. */
  explained(error: unknown): unknown;
}

/** Listens until the end is called. What is wrong is told once or more often. */
export function overhear(
  client: PgConnection,
  wait: { readonly firstWords: FirstWords; readonly deadline: number; readonly hasOwnStream: boolean },
  wrong: (error: unknown) => void,
): Listening {
  const { firstWords } = wait;
  const wire = wireOf(client);
  if (wire === undefined) return { end: () => {}, explained: (error) => error };
  const stops = [guardReading(wire, wrong)];
  const end = () => {
    for (const stop of stops) stop();
  };
  const { sslNegotiation } = client as { readonly sslNegotiation?: unknown };
  // The first bytes are those of TLS then, for nobody else to read.
  if (sslNegotiation === 'direct') return { end, explained: (error) => error };
  const peer = peerOf(client, wire, wait);
  const endWait = firstWords.wait(peer, wrong);
  let wasHeard = false;
  const heard = (judged: 'right' | 'wrong', answer: Uint8Array) => {
    wasHeard = true;
    endWait();
    if (judged === 'right') firstWords.know(peer.address);
    else wrong(new NotPostgresError({ address: peer.address, answer }));
  };
  stops.push(endWait, hearFirstBytes(client, wire, heard));
  const isHangUp = (error: unknown) => !wasHeard && error instanceof Error && error.message === HUNG_UP;
  return { end, explained: (error) => (isHangUp(error) ? new HungUpError(peer.address, error) : error) };
}

/** Another protocol's answer would be waited for as the rest of a message that never comes. */
function hearFirstBytes(
  client: PgConnection,
  { stream }: PgWire,
  told: (judged: 'right' | 'wrong', answer: Uint8Array) => void,
): () => void {
  const { ssl } = client as { readonly ssl?: unknown };
  const isGreeting = ssl ? answersTls : beginsMessage;
  const heard = (chunk: Uint8Array) => told(isGreeting(chunk) ? 'right' : 'wrong', chunk);
  stream.once('data', heard);
  return () => void stream.removeListener('data', heard);
}

/** Whom a dial of the client waits for. */
function peerOf(
  client: PgConnection,
  { stream }: PgWire,
  { deadline, hasOwnStream }: { readonly deadline: number; readonly hasOwnStream: boolean },
): Peer {
  const { host, port } = client;
  const path = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : undefined;
  const beside = () => (path === undefined ? connect({ host, port }) : connect({ path }));
  return {
    address: path ?? shown(host, port),
    deadline,
    libraryLimitMs: stateOf(client)._connectionTimeoutMillis ?? 0,
    // A stream that is no socket is made when it stands.
    isConnected: () => !stream.pending,
    // What the caller's own stream leads to is nowhere else.
    connect: hasOwnStream ? undefined : beside,
  };
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
