/**
 * Owns how generic-pool is set up.
 * It must never know how the others are.
 */
import { loadPeer } from '../../peers/peers.ts';
import { answerOf, Connection, type Subject } from '../subject.ts';

interface Factory {
  create(): Promise<Connection>;
  validate(connection: Connection): Promise<boolean>;
  destroy(connection: Connection): Promise<void>;
}

interface Options {
  readonly max: number;
  readonly min: number;
  readonly testOnBorrow: boolean;
  readonly acquireTimeoutMillis?: number;
}

interface GenericPool {
  acquire(): Promise<Connection>;
  release(connection: Connection): Promise<void>;
  use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>;
  drain(): Promise<void>;
  clear(): Promise<void>;
}

export async function genericPool(): Promise<Subject> {
  const { createPool } = await loadPeer<{ createPool(factory: Factory, options: Options): GenericPool }>(
    'generic-pool',
  );
  return {
    name: 'generic-pool',
    hasAcquireTimeout: true,
    keepsSome: true,
    checksOnBorrow: true,
    isGivenDial: true,
    runsQueries: true,
    start(plan) {
      const { server, max, min = 0, acquireTimeoutMs, checks } = plan;
      const factory: Factory = {
        create() {
          const connection = new Connection();
          return server.open(connection).then(() => connection);
        },
        validate: (connection) => answerOf(server.check(connection), plan),
        destroy: (connection) => server.close(connection),
      };
      const limit = typeof acquireTimeoutMs === 'number' ? { acquireTimeoutMillis: acquireTimeoutMs } : {};
      const pool = createPool(factory, { max, min, testOnBorrow: checks === 'on-borrow', ...limit });
      return {
        acquire: () => pool.acquire(),
        release: (held) => pool.release(held as Connection),
        connectionOf: (held) => held as Connection,
        close: () => pool.drain().then(() => pool.clear()),
        use: (work) => pool.use(work),
      };
    },
  };
}
