/**
 * Owns how sequelize-pool is set up.
 * It must never know how the others are.
 */
import { loadPeer } from '../../peers/peers.ts';
import { A_DAY_MS, Connection, type Subject, timeLimit } from '../subject.ts';

interface Options {
  create(): Promise<Connection>;
  /** A look at the connection, no question to the server: it cannot be awaited. */
  validate(connection: Connection): boolean;
  destroy(connection: Connection): Promise<void>;
  readonly min: number;
  readonly max: number;
  readonly acquireTimeoutMillis?: number;
}

interface SequelizePool {
  acquire(): Promise<Connection>;
  release(connection: Connection): void;
  drain(): Promise<void>;
  destroyAllNow(): Promise<void>;
}

export async function sequelizePool(): Promise<Subject> {
  const { Pool } = await loadPeer<{ readonly Pool: new (options: Options) => SequelizePool }>('sequelize-pool');
  return {
    name: 'sequelize-pool',
    hasAcquireTimeout: true,
    keepsSome: true,
    isGivenDial: true,
    start(plan) {
      const { server, max, min = 0 } = plan;
      const pool = new Pool({
        create() {
          const connection = new Connection();
          return server.open(connection).then(() => connection);
        },
        validate: () => true,
        destroy: (connection) => server.close(connection),
        min,
        max,
        ...timeLimit('acquireTimeoutMillis', plan, A_DAY_MS),
      });
      return {
        acquire: () => pool.acquire(),
        release: (held) => pool.release(held as Connection),
        connectionOf: (held) => held as Connection,
        close: () => pool.drain().then(() => pool.destroyAllNow()),
      };
    },
  };
}
