/**
 * Owns the list of who is tried on which database, ours first.
 * It must never know how any of them is set up.
 */
import type { ContenderKind, Database } from './contender.ts';
import { cryoMysql2 } from './contenders/cryo-mysql2.ts';
import { cryoPg } from './contenders/cryo-pg.ts';
import { genericPool } from './contenders/generic-pool.ts';
import { knexMysql, knexPg } from './contenders/knex.ts';
import { mariadb } from './contenders/mariadb.ts';
import { mysql2 } from './contenders/mysql2.ts';
import { pgPool, pgPoolTuned } from './contenders/pg-pool.ts';
import { postgresJs } from './contenders/postgres-js.ts';

const CONTENDERS: readonly ContenderKind[] = [
  ...[cryoPg, pgPool, pgPoolTuned, genericPool, knexPg, postgresJs],
  ...[cryoMysql2, mysql2, mariadb, knexMysql],
];

export const OURS = 'cryo';

export function contendersFor(database: Database): readonly ContenderKind[] {
  return CONTENDERS.filter((kind) => kind.database === database);
}

/** @throws RangeError naming those there are. */
export function contenderNamed(database: Database, name: string): ContenderKind {
  const kinds = contendersFor(database);
  const found = kinds.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`The contender is '${name}', expected one of ${kinds.map((kind) => kind.name).join(', ')}`);
}
