/**
 * Owns the reference: an array of idle objects and a line of resolvers; no timeout, no check, no count.
 * It must never know a library.
 */
import { Connection, type Subject } from '../subject.ts';

type Resolve = (connection: Connection) => void;

/** A line from whose head one takes in constant time, whatever its length: `Array.shift` of a long array moves all of it. */
class Line {
  #resolvers: (Resolve | undefined)[] = [];
  #head = 0;

  push(resolve: Resolve): void {
    this.#resolvers.push(resolve);
  }

  shift(): Resolve | undefined {
    if (this.#head === this.#resolvers.length) return undefined;
    const resolve = this.#resolvers[this.#head];
    this.#resolvers[this.#head++] = undefined;
    if (this.#head === this.#resolvers.length) {
      this.#resolvers = [];
      this.#head = 0;
    }
    return resolve;
  }
}

export const bare: Subject = {
  name: 'bare',
  start({ max }) {
    const idle = Array.from({ length: max }, () => new Connection());
    const line = new Line();
    const queue = (resolve: Resolve) => line.push(resolve);
    return {
      acquire: () => {
        const connection = idle.pop();
        return connection === undefined ? new Promise(queue) : Promise.resolve(connection);
      },
      release(held) {
        const resolve = line.shift();
        if (resolve === undefined) idle.push(held as Connection);
        else resolve(held as Connection);
      },
      connectionOf: (held) => held as Connection,
      close: async () => {},
    };
  },
};
