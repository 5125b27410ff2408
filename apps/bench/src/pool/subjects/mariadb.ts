/**
 * Owns how mariadb's pool is set up: the real pool upon a connection class of ours, which a module hook puts in the place of
 * the library's own. It must never know how the others are.
 */
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pathOfPeer } from '../../peers/peers.ts';
import { type Connection, type Subject, timeLimit } from '../subject.ts';
import { knowServer, knowWork, MariadbConnection } from './mariadb-connection.ts';

interface Held {
  release(): Promise<void>;
}

interface Options {
  readonly connectionLimit: number;
  readonly minimumIdle: number;
  readonly acquireTimeout?: number;
  readonly database: string;
  readonly minDelayValidation?: number;
  readonly pingTimeout?: number;
  /** No ROLLBACK on release: nothing was done to the connection. */
  readonly noControlAfterUse: boolean;
}

interface MariadbPool {
  getConnection(): Promise<Held>;
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

const OURS = new URL('./mariadb-connection.ts', import.meta.url).href;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export async function mariadb(): Promise<Subject> {
  registerHooks({
    resolve(specifier, context, next) {
      const isPool = context.parentURL?.endsWith('/mariadb/lib/pool.js') ?? false;
      return isPool && specifier === './connection.js' ? { url: OURS, shortCircuit: true } : next(specifier, context);
    },
  });
  // The way for `require` leads to one file in which nothing can be replaced.
  const bundle = pathOfPeer('mariadb');
  const source = pathToFileURL(join(dirname(dirname(bundle)), 'promise.js')).href;
  const { createPool }: { createPool(options: Options): MariadbPool } = await import(source);
  return {
    name: 'mariadb',
    hearsIdleErrors: true,
    hasAcquireTimeout: true,
    keepsSome: true,
    runsQueries: true,
    checksOnBorrow: true,
    start(plan) {
      const { server, max, min = 0, checks, serverTimeoutMs } = plan;
      const pool = createPool({
        connectionLimit: max,
        minimumIdle: min,
        ...timeLimit('acquireTimeout', plan, LONGEST_TIMER_MS),
        database: knowServer(server),
        ...(checks === 'on-borrow' ? { minDelayValidation: 0 } : {}),
        ...(serverTimeoutMs === undefined ? {} : { pingTimeout: serverTimeoutMs }),
        noControlAfterUse: true,
      });
      return {
        acquire: () => pool.getConnection(),
        release: (held) => (held as Held).release(),
        connectionOf: (held) => MariadbConnection.of(held as { readonly threadId: number }),
        use: <Result>(work: (connection: Connection) => Promise<Result>) =>
          pool.query(knowWork(work)) as Promise<Result>,
        close: () => pool.end(),
      };
    },
  };
}
