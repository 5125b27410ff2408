/**
 * Owns the process that holds a contender, as seen from the one that plays the network: one order at a time, one reply.
 * It must never know what the orders are for.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Reply, StartOrder } from '../client/messages.ts';

const MAIN = fileURLToPath(new URL('../client/main.ts', import.meta.url));

export class Player {
  readonly #child: ChildProcess;
  #words = '';

  constructor() {
    this.#child = fork(MAIN, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    this.#child.stderr?.on('data', (piece: Buffer) => {
      this.#words = (this.#words + piece.toString('utf8')).slice(-2_000);
    });
  }

  start(order: Omit<StartOrder, 'ask'>): Promise<Reply> {
    return this.ask({ ask: 'start', ...order });
  }

  /** @throws Error when the process ended, or has nothing to say within the limit. */
  async ask(order: Order, limitMs = 60_000): Promise<Reply> {
    if (this.#child.exitCode !== null) throw new Error(`the process of the pool ended: ${this.#words}`);
    const signal = AbortSignal.timeout(limitMs);
    const over = new AbortController();
    const ended = once(this.#child, 'exit', { signal: over.signal }).then(() => {
      throw new Error(`the process of the pool ended: ${this.#words}`);
    });
    try {
      const answered = once(this.#child, 'message', { signal });
      this.#child.send(order);
      const [reply]: Reply[] = await Promise.race([answered, ended]);
      if (reply === undefined) throw new Error('an empty reply');
      if (reply.kind === 'failed') throw new Error(reply.reason);
      return reply;
    } finally {
      over.abort();
      ended.catch(() => {});
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
