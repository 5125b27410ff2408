/**
 * Owns one dial: from a configuration to a connection that is ready, or to the one error that says why not.
 * It must never know where the configuration comes from, nor that there is a pool.
 */
import type { FirstWords, HostContext } from '@cryo/pool-core';
import { NotMysqlError, TlsFailedError, TlsRefusedError } from './mysql2-errors.ts';
import { judgeGreeting, peerOf } from './mysql2-greeting.ts';
import { sessionOf, watchSession } from './mysql2-session.ts';
import type { MysqlCore, MysqlGreeting } from './mysql2-types.ts';

/**
 * Waits for a connection that has just been made until it is ready. It is watched from then on, and has a listener for
 * errors for as long as it lives.
 */
export function dial(
  core: MysqlCore,
  { signal, deadline, firstWords }: HostContext & { readonly firstWords: FirstWords },
): Promise<MysqlCore> {
  core.on('error', unheard);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      hangUp(core);
      return reject(signal.reason);
    }
    const settle = (outcome: () => void) => {
      signal.removeEventListener('abort', aborted);
      core.stream.removeListener('data', heard);
      endWait();
      outcome();
    };
    const fail = (error: unknown) =>
      settle(() => {
        hangUp(core);
        reject(error);
      });
    const aborted = () => fail(signal.reason);
    const peer = peerOf(core, deadline);
    const endWait = firstWords.wait(peer, fail);
    let head = Buffer.alloc(0);
    const heard = (chunk: Uint8Array) => {
      endWait();
      head = Buffer.concat([head, chunk]);
      const judged = judgeGreeting(head);
      if (judged === 'unsure') return;
      core.stream.removeListener('data', heard);
      if (judged === 'right') firstWords.know(peer.address);
      else fail(new NotMysqlError({ address: peer.address, answer: head }));
    };
    signal.addEventListener('abort', aborted, { once: true });
    core.stream.prependListener('data', heard);
    const connect: Connect = core.connect;
    connect.call(core, (error, greeting) => {
      if (error !== null && error !== undefined) return fail(explained(error));
      settle(() => {
        watchSession(core, greeting);
        resolve(core);
      });
    });
  });
}

/** Ends the socket of a connection now, and with an error whatever waits for an answer on it. */
export function hangUp(core: MysqlCore): void {
  if (core.stream.destroyed) return;
  const session = sessionOf(core);
  if (session !== undefined && session.pending > 0) session.orphaned?.(core);
  // Under mysql2's own code for a lost connection, which whoever waits for an answer may know.
  const lost = new Error('Connection lost: The connection was ended by its pool, or its holder.');
  core.stream.destroy(Object.assign(lost, { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }));
}

/** What `connect` of mysql2 calls back with, which its type does not tell. */
type Connect = (this: MysqlCore, callback: (error: unknown, greeting?: MysqlGreeting) => void) => void;

function unheard(): void {}

function explained(error: unknown): unknown {
  const { code } = error as { readonly code?: unknown };
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return new TlsRefusedError(error);
  return code === 'HANDSHAKE_SSL_ERROR' ? new TlsFailedError(error) : error;
}
