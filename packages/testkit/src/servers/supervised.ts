/**
 * Owns the line to a supervisor: orders out, answers back.
 * It must never know what a server is; a test that ends, however it ends, takes the supervisor with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Order, Reply, Verb } from './orders.ts';

interface Pending {
  resolve(): void;
  reject(error: Error): void;
}

export class Supervised {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #orders = 0;

  constructor() {
    const file = import.meta.url.endsWith('.ts') ? './supervisor.ts' : './supervisor.js';
    // Detached: Ctrl-C in a terminal goes to the whole group, and the server is to outlive the pool that drains.
    this.#child = fork(new URL(file, import.meta.url), { detached: true, stdio: 'ignore', execArgv: [] });
    this.#child.on('message', (reply: Reply) => this.#settle(reply));
    this.#child.once('exit', () => this.#failAll());
    this.#child.unref();
    this.#child.channel?.unref();
  }

  async order(verb: Verb): Promise<void> {
    const id = this.#orders++;
    const order: Order = { id, ...verb };
    this.#child.channel?.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        this.#child.send(order, (error) => {
          if (error !== null) this.#settle({ id, error: error.message });
        });
      });
    } finally {
      if (this.#pending.size === 0) this.#child.channel?.unref();
    }
  }

  /** Ends the server and removes its folder; resolves when both are gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || !this.#child.connected) return;
    this.#child.ref();
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await gone;
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.error === undefined) pending?.resolve();
    else pending?.reject(new Error(reply.error));
  }

  #failAll(): void {
    for (const { reject } of this.#pending.values()) reject(new Error('the supervisor of the server ended'));
    this.#pending.clear();
  }
}
