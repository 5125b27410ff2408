/**
 * Owns how tarn is set up.
 * It must never know how the others are.
 */
import { loadPeer } from '../../peers/peers.ts';
import { A_DAY_MS, answerOf, Connection, type Subject, timeLimit } from '../subject.ts';

interface Options {
  create(): Promise<Connection>;
  validate?(connection: Connection): Promise<boolean>;
  destroy(connection: Connection): Promise<void>;
  readonly min: number;
  readonly max: number;
  readonly acquireTimeoutMillis?: number;
  readonly createTimeoutMillis?: number;
}

interface TarnPool {
  acquire(): { readonly promise: Promise<Connection>; abort(): void };
  release(connection: Connection): boolean;
  destroy(): Promise<unknown>;
}

export async function tarn(): Promise<Subject> {
  const { Pool } = await loadPeer<{ readonly Pool: new (options: Options) => TarnPool }>('tarn');
  return {
    name: 'tarn',
    canAbort: true,
    hasAcquireTimeout: true,
    keepsSome: true,
    checksOnBorrow: true,
    isGivenDial: true,
    start(plan) {
      const { server, max, min = 0, checks, serverTimeoutMs } = plan;
      const isAlive = (connection: Connection) => answerOf(server.check(connection), plan);
      const pool = new Pool({
        create() {
          const connection = new Connection();
          return server.open(connection).then(() => connection);
        },
        destroy: (connection) => server.close(connection),
        ...(checks === 'on-borrow' ? { validate: isAlive } : {}),
        ...(serverTimeoutMs === undefined ? {} : { createTimeoutMillis: serverTimeoutMs }),
        min,
        max,
        ...timeLimit('acquireTimeoutMillis', plan, A_DAY_MS),
      });
      return {
        acquire(signal) {
          const pending = pool.acquire();
          if (signal !== undefined) signal.addEventListener('abort', () => pending.abort(), { once: true });
          return pending.promise;
        },
        release: (held) => pool.release(held as Connection),
        connectionOf: (held) => held as Connection,
        close: () => pool.destroy(),
      };
    },
  };
}
