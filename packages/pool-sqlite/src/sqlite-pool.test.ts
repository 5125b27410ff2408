import { existsSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LeaseReleasedError, MisconfiguredError, PoolClosedError } from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openFilesIn, temporaryFile } from '../test/folder.ts';
import type { SqlitePoolOptions } from './sqlite-options.ts';
import { createSqlitePool, type SqlitePool } from './sqlite-pool.ts';

function poolOn(file: string, options: Partial<SqlitePoolOptions> = {}): SqlitePool {
  const pool = createSqlitePool({ file, inline: true, size: { min: 1, max: 4 }, ...options });
  onTestFinished(() => void pool.close({ timeoutMs: 1 }));
  return pool;
}

async function orders(options?: Partial<SqlitePoolOptions>): Promise<{ pool: SqlitePool; file: string }> {
  const file = temporaryFile();
  const pool = poolOn(file, options);
  await pool.query('CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)');
  return { pool, file };
}

const add = (pool: SqlitePool, item: unknown) => pool.query('INSERT INTO orders (item) VALUES (?)', [item]);
const items = (pool: SqlitePool) => pool.query<{ item: string }>('SELECT item FROM orders', [], { mode: 'read' });

test('both pools are ready on a file that did not exist', async () => {
  const file = temporaryFile();
  const pool = poolOn(file);
  await pool.ready();
  expect(existsSync(file)).toBe(true);
  expect(pool.snapshot()).toMatchObject({
    read: { pool: 'orders-read', live: 1, size: { min: 1, max: 4, absoluteMax: 4 } },
    write: { pool: 'orders-write', live: 1, size: { min: 1, max: 1, absoluteMax: 1 } },
  });
});

test('a hundred callers at once are all served, each by a handle of its own for as long as it has it', async () => {
  const { pool } = await orders();
  const lent = new Set<object>();
  const work = (turn: number) =>
    pool.use(
      async (connection) => {
        expect(lent.has(connection)).toBe(false);
        lent.add(connection);
        for (let yields = 0; yields < 5; yields++) await Promise.resolve();
        lent.delete(connection);
        return connection.prepare('SELECT ?').pluck().get(turn);
      },
      { mode: turn % 2 === 0 ? 'read' : 'write' },
    );
  const turns = Array.from({ length: 100 }, (_, turn) => turn);
  expect(await Promise.all(turns.map(work))).toEqual(turns);
  expect(pool.snapshot()).toMatchObject({ read: { waiting: 0, peakLeased: 4 }, write: { waiting: 0, peakLeased: 1 } });
});

test('readers see what is committed, and only that, while the writer is at work', async () => {
  const { pool } = await orders();
  await pool.use(async (connection) => {
    connection.exec("BEGIN; INSERT INTO orders (item) VALUES ('a')");
    expect(await items(pool)).toEqual([]);
    connection.exec('COMMIT');
    expect(await items(pool)).toEqual([{ item: 'a' }]);
  });
});

test('a reader in a transaction keeps its view, and the next lease of it sees everything', async () => {
  const { pool } = await orders({ read: { size: { min: 1, max: 1 } } });
  await pool.use(
    async (connection) => {
      connection.exec('BEGIN');
      expect(connection.prepare('SELECT * FROM orders').all()).toEqual([]);
      await add(pool, 'a');
      expect(connection.prepare('SELECT * FROM orders').all()).toEqual([]);
    },
    { mode: 'read' },
  );
  expect(await items(pool)).toEqual([{ item: 'a' }]);
});

test('a transaction left open is rolled back before the next lease', async () => {
  const { pool } = await orders();
  const lease = await pool.acquire();
  const { connection } = lease;
  connection.exec("BEGIN IMMEDIATE; INSERT INTO orders (item) VALUES ('lost')");
  const next = pool.acquire();
  lease.release();
  const { connection: again, ...nextLease } = { connection: (await next).connection, lease: await next };
  expect(again).toBe(connection);
  expect(again.inTransaction).toBe(false);
  expect(again.prepare('SELECT * FROM orders').all()).toEqual([]);
  nextLease.lease.release();
});

test('no session state crosses leases: settings, temporary tables, attached files, iterators', async () => {
  const { pool } = await orders({ size: { min: 1, max: 1 } });
  for (const mode of ['read', 'write'] as const) {
    const first = await pool.use(
      (connection) => {
        connection.pragma('foreign_keys = OFF');
        connection.exec(`CREATE TEMP TABLE secrets (x); ATTACH '${connection.name}' AS again; BEGIN`);
        connection.defaultSafeIntegers();
        connection.prepare('SELECT 1 UNION SELECT 2').iterate().next();
        return connection;
      },
      { mode },
    );
    await pool.use(
      (connection) => {
        expect(connection).toBe(first);
        expect(connection.pragma('foreign_keys', { simple: true })).toBe(1);
        expect(() => connection.prepare('SELECT * FROM secrets')).toThrow('no such table');
        expect(() => connection.prepare('SELECT * FROM again.orders')).toThrow('no such table');
        expect(connection.exec('BEGIN; ROLLBACK').inTransaction).toBe(false);
      },
      { mode },
    );
  }
  expect(pool.snapshot().write.suspects).toBe(0);
});

test('what cannot be undone costs the lease its handle, and nobody else anything', async () => {
  const { pool } = await orders();
  const first = await pool.use((connection) => connection.function('f', () => 1));
  await pool.use((connection) => {
    expect(connection).not.toBe(first);
    expect(() => connection.prepare('SELECT f()')).toThrow('no such function');
  });
  expect(first.open).toBe(false);
});

test('the read pool cannot write, and its handle stays', async () => {
  const { pool } = await orders({ size: { min: 1, max: 1 } });
  const insert = pool.query('INSERT INTO orders (item) VALUES (1)', [], { mode: 'read' });
  await expect(insert).rejects.toMatchObject({ name: 'SqliteError', code: 'SQLITE_READONLY' });
  const forced = pool.read.use((connection) => connection.exec('PRAGMA query_only = OFF; DELETE FROM orders'));
  await expect(forced).rejects.toMatchObject({ code: 'SQLITE_READONLY' });
  expect(await items(pool)).toEqual([]);
  expect(pool.snapshot().read.connections).toMatchObject({ idle: 1 });
});

test('a statement that fails reaches the caller as it is, and the handle stays', async () => {
  const { pool } = await orders();
  const before = await pool.use((connection) => connection);
  await pool.query('CREATE UNIQUE INDEX by_item ON orders (item)');
  await add(pool, 'a');
  await expect(add(pool, 'a')).rejects.toMatchObject({ name: 'SqliteError', code: 'SQLITE_CONSTRAINT_UNIQUE' });
  expect(await pool.use((connection) => connection)).toBe(before);
});

test('query answers rows of a read, and what a write changed', async () => {
  const { pool } = await orders();
  expect(await add(pool, 'a')).toEqual({ changes: 1, lastInsertRowid: 1, rows: [] });
  expect(await pool.query('INSERT INTO orders (item) VALUES (@item) RETURNING id', { item: 'b' })).toEqual({
    changes: 1,
    lastInsertRowid: 2,
    rows: [{ id: 2 }],
  });
  expect(await pool.query('SELECT count(*) AS n FROM orders')).toMatchObject({ changes: 0, rows: [{ n: 2 }] });
  expect(await pool.query('SELECT count(*) AS n FROM orders', undefined, { mode: 'read' })).toEqual([{ n: 2 }]);
});

test('a mode that does not exist is refused', async () => {
  const { pool } = await orders();
  const options = { mode: 'reed' as 'read' };
  for (const call of [
    () => pool.use(() => 1, options),
    () => pool.acquire(options),
    () => pool.query('SELECT 1', [], options),
  ]) {
    await expect(call()).rejects.toBeInstanceOf(InvalidOptionsError);
    await expect(call()).rejects.toThrow("mode is 'reed', expected 'read' or 'write'");
  }
});

test('labels and time limits reach the pool that serves', async () => {
  const { pool } = await orders();
  const held = await pool.acquire({ label: 'holder' });
  const waiting = pool.use(() => 1, { timeoutMs: 1, label: 'hurried' });
  await expect(waiting).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT', pool: 'orders-write' });
  held.release();
  expect(() => held.connection).toThrow(LeaseReleasedError);
});

test('a handle that its holder closed is replaced', async () => {
  const { pool } = await orders();
  await pool.use((connection) => connection.close());
  const lease = await pool.acquire();
  lease.connection.close();
  await expect(pool.use(() => 1, { mode: 'read' })).resolves.toBe(1);
  lease.release(new TypeError('The database connection is not open'));
  expect(await add(pool, 'a')).toMatchObject({ changes: 1 });
});

test('a deleted file is noticed, refused with its name, and served again when it is back', async () => {
  const { pool, file } = await orders({ validation: { bypassMs: 0 }, breaker: { probeIntervalMs: 5 } });
  await add(pool, 'a');
  await pool.use((connection) => connection.pragma('wal_checkpoint(TRUNCATE)'));
  renameSync(file, `${file}.away`);
  for (const mode of ['read', 'write'] as const) {
    const refused = pool.use(() => expect.unreachable(), { mode });
    await expect(refused).rejects.toBeInstanceOf(MisconfiguredError);
    await expect(refused).rejects.toThrow(`The database file '${file}' can't be used: it is gone`);
  }
  expect(pool.health().status).toBe('down');
  renameSync(`${file}.away`, file);
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  const back = [pool.read, pool.write].map((each) => new Promise((resolve) => each.on('connection-opened', resolve)));
  pool.read.recycle();
  pool.write.recycle();
  await Promise.all(back);
  expect(await items(pool)).toEqual([{ item: 'a' }]);
  expect(await add(pool, 'b')).toMatchObject({ changes: 1 });
});

test('a file replaced by another is not written to through a handle on the old one', async () => {
  const { pool, file } = await orders({ validation: { bypassMs: 0 } });
  await add(pool, 'old');
  await pool.use((connection) => connection.pragma('wal_checkpoint(TRUNCATE)'));
  const other = new Database(`${file}.new`);
  other.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders (item) VALUES ('new')");
  other.close();
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  renameSync(`${file}.new`, file);
  expect(await items(pool)).toEqual([{ item: 'new' }]);
  await add(pool, 'newer');
  expect(await items(pool)).toEqual([{ item: 'new' }, { item: 'newer' }]);
});

test('a corrupted file costs the handle that found it, and is then refused as no database', async () => {
  const { pool, file } = await orders({ validation: { bypassMs: 0 } });
  await add(pool, 'x'.repeat(100_000));
  expect(await items(pool)).toHaveLength(1);
  await pool.use((connection) => connection.pragma('wal_checkpoint(TRUNCATE)'));
  truncateSync(file, 4_096);
  writeFileSync(file, 'no database any more. '.repeat(5_000));
  const found = pool.use((connection) => connection.prepare('SELECT * FROM orders').all(), { mode: 'read' });
  await expect(found).rejects.toMatchObject({
    code: expect.stringMatching(/^SQLITE_(?:NOTADB|CORRUPT)|^MISCONFIGURED/),
  });
  await expect(pool.use(() => 1, { mode: 'read' })).rejects.toThrow('it is no SQLite database');
});

test('a missing directory is misconfigured at once, and nothing is tried in a hurry', async () => {
  const file = `${dirname(temporaryFile())}/missing/orders.db`;
  const pool = poolOn(file);
  await expect(pool.ready()).rejects.toBeInstanceOf(MisconfiguredError);
  const refused = pool.use(() => expect.unreachable());
  await expect(refused).rejects.toThrow(`the directory '${dirname(file)}' does not exist`);
});

test('a setup that throws is told as the reason', async () => {
  const pool = poolOn(temporaryFile(), { setup: (connection) => void connection.exec('SELECT nonsense()') });
  await expect(pool.ready()).rejects.toThrow('The setup of a new connection failed: no such function: nonsense');
});

test('a setup gives every handle what it needs', async () => {
  const setup = (connection: { function(name: string, work: (x: number) => number): unknown }, mode: string) =>
    void connection.function(`${mode}_twice`, (x) => 2 * x);
  const { pool } = await orders({ setup });
  expect(await pool.query('SELECT read_twice(21) AS answer', [], { mode: 'read' })).toEqual([{ answer: 42 }]);
  expect(await pool.query('SELECT write_twice(21) AS answer')).toMatchObject({ rows: [{ answer: 42 }] });
});

test('a wrapping driver stands between each pool and SQLite', async () => {
  const opened: string[] = [];
  const { pool } = await orders({
    wrapDriver: (driver, mode) => ({
      ...driver,
      open(context) {
        opened.push(mode);
        return driver.open(context);
      },
    }),
  });
  await pool.ready();
  expect(opened.toSorted()).toEqual(['read', 'write']);
});

test('bad options open nothing, and name every fault', () => {
  const file = temporaryFile();
  const options = { file, inline: false, size: { max: 0 } } as unknown as SqlitePoolOptions;
  expect(() => createSqlitePool(options)).toThrow(InvalidOptionsError);
  expect(existsSync(file)).toBe(false);
});

test('health is that of the pool which is worse', async () => {
  const { pool } = await orders();
  await pool.ready();
  const { status, reasons, read, write } = pool.health();
  expect({ status, reasons, read: read.status, write: write.status }).toEqual({
    status: 'ok',
    reasons: [],
    read: 'ok',
    write: 'ok',
  });
});

test('a close refuses waiters, waits for leases, and leaves one file', async () => {
  const { pool, file } = await orders();
  await Promise.all([items(pool), items(pool), add(pool, 'a')]);
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  const closing = pool.close();
  await expect(waiting).rejects.toBeInstanceOf(PoolClosedError);
  await expect(pool.acquire({ mode: 'read' })).rejects.toBeInstanceOf(PoolClosedError);
  lease.connection.exec("INSERT INTO orders (item) VALUES ('b')");
  lease.release();
  expect(await closing).toEqual({ drained: true, culprits: [] });
  expect(readdirSync(dirname(file))).toEqual(['orders.db']);
  const after = new Database(file, { readonly: true });
  expect(after.prepare('SELECT item FROM orders').pluck().all()).toEqual(['a', 'b']);
  after.close();
});

test('a close that is not waited for names who still holds a lease, in either pool', async () => {
  const { pool } = await orders();
  const held = [await pool.acquire({ label: 'a' }), await pool.acquire({ mode: 'read', label: 'b' })];
  const handles = held.map(({ connection }) => connection);
  const report = await pool.close({ timeoutMs: 1 });
  expect(report.drained).toBe(false);
  expect(report.culprits.map(({ label }) => label).toSorted()).toEqual(['a', 'b']);
  expect(handles.map(({ open }) => open)).toEqual([false, false]);
  for (const lease of held) lease.release();
});

test.runIf(process.platform === 'linux')(
  'no file stays open after a close, whatever the leases left behind',
  async () => {
    const file = temporaryFile();
    for (let round = 0; round < 20; round++) {
      const pool = poolOn(file, { size: { min: 2, max: 4 } });
      await pool.ready();
      expect(openFilesIn(dirname(file)).length).toBeGreaterThan(0);
      const leases = await Promise.all([
        pool.acquire(),
        pool.acquire({ mode: 'read' }),
        pool.acquire({ mode: 'read' }),
      ]);
      leases[0]?.connection.exec('BEGIN');
      leases[1]?.connection.function('f', () => 1);
      for (const { connection } of leases) connection.prepare('SELECT 1 UNION SELECT 2').iterate().next();
      for (const lease of leases) lease.release();
      await pool.close();
      expect(openFilesIn(dirname(file))).toEqual([]);
    }
  },
);
