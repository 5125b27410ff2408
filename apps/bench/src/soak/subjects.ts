/**
 * Owns how our pools for servers are soaked: made for connections that live shortly, and asked for every kind of work.
 * It must never know what is done to the server meanwhile.
 */
import type { Driver, Pool, PoolOptions } from '@cryo/pool-core';
import { createMysqlPool } from '@cryo/pool-mysql2';
import { createPgPool } from '@cryo/pool-pg';
import { systemClock } from '@cryo/resilience';
import type { SoakedDatabase } from './arguments.ts';

export type SoakedServer = Exclude<SoakedDatabase, 'simulated'>;

/** Where the server is, and how the pool reaches it. */
export interface SoakGround {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** The password that is right now. */
  password(): string;
  /** Stands between the pool and its driver; nothing does when it is missing. */
  wrapDriver?<Connection>(driver: Driver<Connection>): Driver<Connection>;
}

export interface SoakSubject {
  readonly pool: Pick<Pool<unknown>, 'snapshot' | 'metrics' | 'recycle' | 'close'>;
  /** Each asks the pool for one thing; what rejects was refused, failed, or changed its mind on purpose. */
  readonly works: readonly (() => Promise<unknown>)[];
  /** Loses patience while its statement runs. */
  abort(): Promise<unknown>;
}

/** Everything happens often: in a minute a connection is checked, ended and replaced many times. */
const HURRIED: Omit<PoolOptions<never>, 'name' | 'driver'> = {
  size: { min: 2, max: 10, absoluteMax: 20 },
  acquire: { timeoutMs: 1_000, queueLimit: 100 },
  connect: { timeoutMs: 1_000, initialDelayMs: 20, maxDelayMs: 200 },
  breaker: { probeIntervalMs: 200, openForMs: 1_000 },
  validation: { timeoutMs: 500, intervalMs: 500 },
  reset: { timeoutMs: 500 },
  closing: { timeoutMs: 500 },
  retirement: { maxLifetimeMs: 3_000, idleTimeoutMs: 1_000 },
};
const STATEMENT_MS = 1_000;
const PATIENCE_MS = 5;

const postgres = ({ wrapDriver, ...connection }: SoakGround): SoakSubject => {
  const pool = createPgPool({
    ...HURRIED,
    connection: { ...connection, query_timeout: STATEMENT_MS },
    resetLevel: 'session',
    ...(wrapDriver === undefined ? {} : { wrapDriver }),
  });
  return {
    pool,
    works: [
      () => pool.query('select $1::int as one', [1]),
      () => pool.query({ name: 'prepared', text: 'select pg_sleep(0.005), $1::text', values: ['x'] }),
      () => pool.query('select nonsense'),
      () => pool.use((connection) => connection.query<object>(`set time zone 'UTC'; select pg_sleep(0.002)`)),
      () => pool.transaction((connection) => connection.query<object>('select pg_sleep(0.002)')),
      () => pool.transaction((connection) => insertAndRegret(() => connection.query<object>(INSERT))),
    ],
    abort: () => pool.query('select pg_sleep(0.02)', [], { signal: AbortSignal.timeout(PATIENCE_MS) }),
  };
};

const mysql = ({ wrapDriver, ...connection }: SoakGround): SoakSubject => {
  const pool = createMysqlPool({
    ...HURRIED,
    connection,
    ...(wrapDriver === undefined ? {} : { wrapDriver }),
  });
  const timed = (sql: string) => ({ sql, timeout: STATEMENT_MS });
  return {
    pool,
    works: [
      () => pool.query(timed('select ? as one'), [1]),
      () => pool.execute('select sleep(0.005), ?', ['x'], { signal: AbortSignal.timeout(STATEMENT_MS) }),
      () => pool.query(timed('select nonsense')),
      () => pool.use((connection) => connection.query(timed('set @left = sleep(0.002)'))),
      () => pool.transaction((connection) => connection.query(timed('select sleep(0.002)')), limited()),
      () => pool.transaction((connection) => insertAndRegret(() => connection.query(timed(INSERT))), limited()),
    ],
    // MySQL has no other way than to end the connection, and its session stays until the statement is over.
    abort: () => pool.query(timed('select sleep(0.02)'), [], { signal: AbortSignal.timeout(PATIENCE_MS) }),
  };
};

export const SUBJECTS: Readonly<Record<SoakedServer, (ground: SoakGround) => SoakSubject>> = { postgres, mysql };

/** mysql2's own limit leaves out the preparing of a statement, and BEGIN and COMMIT are not ours to write. */
const limited = () => ({ deadline: systemClock.now() + STATEMENT_MS });

const INSERT = `insert into written values ('never')`;

/** Nothing is committed, so that the table is empty after hours too. */
async function insertAndRegret(insert: () => Promise<unknown>): Promise<never> {
  await insert();
  throw new Error('the work changed its mind');
}
