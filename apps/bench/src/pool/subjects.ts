/**
 * Owns the list of the pools, in the order in which a table shows them.
 * It must never know what a pool can do.
 */
import type { Subject } from './subject.ts';
import { bare } from './subjects/bare.ts';
import { cryo } from './subjects/cryo.ts';
import { genericPool } from './subjects/generic-pool.ts';
import { lightningPool } from './subjects/lightning-pool.ts';
import { mariadb } from './subjects/mariadb.ts';
import { mysql2 } from './subjects/mysql2.ts';
import { pgPool } from './subjects/pg-pool.ts';
import { sequelizePool } from './subjects/sequelize-pool.ts';
import { tarn } from './subjects/tarn.ts';

/** A library is loaded when asked for, so that a process holds no more than it runs. */
export const SUBJECTS = {
  bare: async () => bare,
  cryo,
  'lightning-pool': lightningPool,
  'generic-pool': genericPool,
  'pg-pool': pgPool,
  tarn,
  'sequelize-pool': sequelizePool,
  mysql2,
  mariadb,
} as const satisfies Readonly<Record<string, () => Promise<Subject>>>;

export type SubjectName = keyof typeof SUBJECTS;
