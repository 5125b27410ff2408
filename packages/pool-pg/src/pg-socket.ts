/**
 * Owns the socket of a dial: what it reads goes through one buffer that all of them share.
 * It must never know what is read.
 */
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * A socket of Node's own takes 64 KiB of memory for each read and gives most of it back, mostly for an answer of a few hundred bytes.
 * This one copies an answer out, and passes it on as any other socket: who listens, reads, pipes or pauses sees no difference.
 *
 * ```text
 *   socket ─┐
 *   socket ─┼─► one buffer ─► a copy as long as what was read ─► push ─► 'data'
 *   socket ─┘   full from a read until its callback returns
 * ```
 */
export function makeSocket(): Socket {
  const socket: Socket = new Socket({
    onread: { buffer: SHARED, callback: (length) => socket.push(Buffer.from(SHARED.subarray(0, length))) },
  });
  return Object.assign(socket, AS_ANY_STREAM);
}

/**
 * Other runtimes have `onread` too: on Deno 2.9 no TLS handshake ends over such a socket, and on Cloudflare pg needs its own kind of
 * socket for TLS.
 */
export function canShareReads(): boolean {
  return globalThis.navigator?.userAgent?.startsWith('Node.js/') === true;
}

/** As much as libuv reads at once. */
const SHARED = Buffer.allocUnsafeSlow(65_536);

/**
 * With `onread`, a socket that is paused reads nothing and so never hears that it was lost, and each `read` lets in more, however much
 * waits already. A socket without it has these.
 */
const { read, pause, resume } = Duplex.prototype;
const AS_ANY_STREAM = { read, pause, resume };
