/**
 * Owns how lightning-pool is set up.
 * It must never know how the others are.
 */
import { loadPeer } from '../../peers/peers.ts';
import { Connection, type Subject, timeLimit } from '../subject.ts';

interface Factory {
  create(): Promise<Connection>;
  validate(connection: Connection): Promise<void>;
  destroy(connection: Connection): Promise<void>;
}

interface Options {
  readonly max: number;
  readonly min: number;
  readonly minIdle: number;
  readonly maxQueue: number;
  readonly validation: boolean;
  readonly acquireTimeoutMillis?: number;
}

interface LightningPool {
  start(): void;
  acquire(): Promise<Connection>;
  release(connection: Connection): void;
  close(waitMs: number): Promise<void>;
}

export async function lightningPool(): Promise<Subject> {
  const { Pool } = await loadPeer<{ readonly Pool: new (factory: Factory, options: Options) => LightningPool }>(
    'lightning-pool',
  );
  return {
    name: 'lightning-pool',
    hasAcquireTimeout: true,
    keepsSome: true,
    checksOnBorrow: true,
    isGivenDial: true,
    start(plan) {
      const { server, max, min = 0, minIdle = 0, checks } = plan;
      const factory: Factory = {
        create() {
          const connection = new Connection();
          return server.open(connection).then(() => connection);
        },
        validate: (connection) => server.check(connection),
        destroy: (connection) => server.close(connection),
      };
      const validation = checks === 'on-borrow';
      const limits = { maxQueue: Number.MAX_SAFE_INTEGER, ...timeLimit('acquireTimeoutMillis', plan, 0) };
      const pool = new Pool(factory, { max, min, minIdle, validation, ...limits });
      pool.start();
      return {
        acquire: () => pool.acquire(),
        release: (held) => pool.release(held as Connection),
        connectionOf: (held) => held as Connection,
        close: (limitMs) => pool.close(limitMs),
      };
    },
  };
}
