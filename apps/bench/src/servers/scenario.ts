/**
 * Owns what a scenario on a real server is: the server, the statement, ours and the pool it is compared with.
 * It must never know how time is taken.
 */
import { startMariadb, startPostgres, type TestServer } from '@cryo/testkit/servers';
import type { ServerSubject } from './subject.ts';
import { cryoMysql2, mysql2 } from './subjects/mariadb.ts';
import { cryoPg, pgPool } from './subjects/postgres.ts';

export interface ServerScenario {
  readonly name: string;
  readonly title: string;
  readonly startServer: () => Promise<TestServer>;
  readonly sql: string;
  readonly values: (turn: number) => readonly unknown[];
  readonly ours: ServerSubject;
  /** The pool that comes with the driver. */
  readonly theirs: ServerSubject;
}

/** Callers that ask again as soon as they were answered. */
export const CALLERS = 100;

/** Of the table in which a key is looked up, filled before the first round. */
export const KEYS = 10_000;
/** Shares no divisor with the number of keys, so that all are met and no two neighbours. */
const STRIDE = 7_919;

const NO_VALUES = () => [];
const nextKey = (turn: number) => [((turn * STRIDE) % KEYS) + 1];

const POSTGRES = { startServer: startPostgres, ours: cryoPg, theirs: pgPool } as const;
const MARIADB = { startServer: startMariadb, ours: cryoMysql2, theirs: mysql2 } as const;

export const SCENARIOS: readonly ServerScenario[] = [
  {
    ...POSTGRES,
    ...{ name: 'postgres-select', title: 'PostgreSQL, `select 1`', sql: 'select 1', values: NO_VALUES },
  },
  {
    ...POSTGRES,
    ...{ name: 'postgres-lookup', title: 'PostgreSQL, lookup by key', values: nextKey },
    sql: 'select id, label from item where id = $1',
  },
  {
    ...MARIADB,
    ...{ name: 'mariadb-select', title: 'MariaDB, `select 1`', sql: 'select 1', values: NO_VALUES },
  },
  {
    ...MARIADB,
    ...{ name: 'mariadb-lookup', title: 'MariaDB, lookup by key', values: nextKey },
    sql: 'select id, label from item where id = ?',
  },
];
