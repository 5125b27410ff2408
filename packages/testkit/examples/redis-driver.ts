/**
 * Owns a driver for Redis over raw TCP: the whole of what a stranger writes to have a pool for something new.
 * It must never know the pool: no timeout, no retry, no state but that of the socket.
 */
import { connect, type Socket } from 'node:net';
import type { Driver } from '@cryo/pool-core';

const CLOSED = 'the socket is closed';
class RedisError extends Error {}

/** One socket, and the callers that wait for its answers in turn. */
export class RedisConnection {
  readonly socket: Socket;
  readonly #waiting: { resolve(answer: string): void; reject(error: Error): void }[] = [];
  #received = '';

  constructor(socket: Socket) {
    this.socket = socket.setEncoding('latin1').on('data', (text) => this.#read(`${text}`));
    // The watch hears of a broken socket. Without a listener here, one that breaks unwatched would end the process.
    socket.on('error', () => {});
    socket.on('close', () => this.#waiting.splice(0).map(({ reject }) => reject(new RedisError(CLOSED))));
  }

  /** Sends a command and answers with what Redis says: a status, a number or a bulk string, as text. */
  command(...words: readonly string[]): Promise<string> {
    if (this.socket.destroyed) return Promise.reject(new RedisError(CLOSED));
    const bulk = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.socket.write(`*${words.length}\r\n${bulk.join('')}`);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #read(text: string): void {
    this.#received += text;
    for (let head = /^(.)(.*)\r\n/.exec(this.#received); head !== null; head = /^(.)(.*)\r\n/.exec(this.#received)) {
      const [{ length }, sign, line = ''] = head;
      const isBulk = sign === '$' && line !== '-1';
      const end = isBulk ? length + Number(line) + 2 : length;
      if (this.#received.length < end) return;
      const answer = isBulk ? Buffer.from(this.#received.slice(length, end - 2), 'latin1').toString() : line;
      this.#received = this.#received.slice(end);
      if (sign === '-') this.#waiting.shift()?.reject(new RedisError(answer));
      else this.#waiting.shift()?.resolve(answer);
    }
  }
}

export function redisDriver(server: { host: string; port: number; password: string }): Driver<RedisConnection> {
  const enter = (connection: RedisConnection) => connection.command('AUTH', server.password);
  return {
    name: 'redis',
    server: { address: server.host, port: server.port },
    async open({ signal }) {
      const connection = new RedisConnection(connect({ ...server, noDelay: true }));
      const giveUp = () => connection.socket.destroy();
      signal.addEventListener('abort', giveUp);
      if (signal.aborted) giveUp();
      await enter(connection).catch((error) => Promise.reject(giveUp() && error));
      signal.removeEventListener('abort', giveUp);
      return connection;
    },
    check: async (connection) => void (await connection.command('PING')),
    reset: async (connection) => void (await connection.command('RESET').then(() => enter(connection))),
    close: async (connection) => void (await connection.command('QUIT').finally(() => connection.socket.destroy())),
    destroy: ({ socket }) => void socket.destroy(),
    watch({ socket }, broken) {
      socket.on('close', broken);
      return () => void socket.off('close', broken);
    },
    classify(error, phase) {
      if (!(error instanceof RedisError)) return undefined;
      if (/^(NOAUTH|WRONGPASS)/.test(error.message)) return 'misconfigured';
      if (/max number of clients/.test(error.message)) return 'overloaded';
      return error.message === CLOSED && phase === 'use' ? 'connection-lost' : undefined;
    },
    ref: ({ socket }) => void socket.ref(),
    unref: ({ socket }) => void socket.unref(),
    secrets: () => [server.password],
  };
}
