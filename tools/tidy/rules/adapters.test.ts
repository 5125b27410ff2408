import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { adapterShapes } from './adapters.ts';

const judge = (room: string, files: readonly string[]) =>
  faultsOf(adapterShapes, Object.fromEntries(files.map((file) => [`packages/${room}/src/${file}.ts`, ''])));

test('an adapter has its five files, and may have a drop-in', () => {
  expect(judge('pool-pg', ['pg-types', 'pg-errors', 'pg-driver', 'pg-pool', 'index'])).toEqual([]);
  expect(
    judge('pool-pg', ['pg-types', 'pg-errors', 'pg-driver', 'pg-pool', 'pg-compatible', 'index', 'pg-pool.test']),
  ).toEqual([]);
});

test('only SQLite has threads', () => {
  const threads = ['protocol', 'worker', 'thread-link'];
  const sqlite = ['types', 'errors', 'driver', 'pool'].map((role) => `sqlite-${role}`);
  const mysql2 = ['types', 'errors', 'driver', 'pool'].map((role) => `mysql2-${role}`);
  expect(judge('pool-sqlite', [...sqlite, ...threads, 'index'])).toEqual([]);
  expect(judge('pool-mysql2', [...mysql2, 'worker', 'index'])).toEqual([
    'packages/pool-mysql2/src/worker.ts:1 adapter-shape: is no part of an adapter; its files are mysql2-types, mysql2-errors, mysql2-error-table, mysql2-address, mysql2-options, mysql2-status, mysql2-text, mysql2-session, mysql2-greeting, mysql2-dial, mysql2-credentials, mysql2-driver, mysql2-connection-rules, mysql2-plan, mysql2-kill, mysql2-statement, mysql2-direct, mysql2-transaction, mysql2-settings, mysql2-pool, mysql2-compatible, index',
  ]);
});

test('a missing file is named', () => {
  expect(judge('pool-pg', ['pg-types', 'pg-driver', 'pg-pool', 'index'])).toEqual([
    'packages/pool-pg/package.json:1 adapter-shape: has no src/pg-errors.ts; every adapter has one',
  ]);
});

test('pool-core is no adapter', () => {
  expect(judge('pool-core', ['anything'])).toEqual([]);
});
