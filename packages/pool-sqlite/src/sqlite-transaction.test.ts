import { once } from 'node:events';
import { AcquireAbortedError } from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFile } from '../test/folder.ts';
import { holdLock } from '../test/processes.ts';
import { createSqlitePool, type SqlitePool } from './sqlite-pool.ts';

async function orders(options: { readonly busyTimeoutMs?: number } = {}): Promise<{ pool: SqlitePool; file: string }> {
  const file = temporaryFile();
  // With this chance every pause between two attempts is 0 ms.
  const pool = createSqlitePool({ file, inline: true, size: { min: 1, max: 2 }, random: () => 0, ...options });
  onTestFinished(() => void pool.close());
  await pool.query('CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)');
  return { pool, file };
}

const items = (pool: SqlitePool) => pool.query<{ item: string }>('SELECT item FROM orders', [], { mode: 'read' });
const busy = () => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });

test('what the work returns is answered once it is committed', async () => {
  const { pool } = await orders();
  const id = await pool.transaction(async (connection) => {
    const { lastInsertRowid } = connection.prepare("INSERT INTO orders (item) VALUES ('a')").run();
    expect(await items(pool)).toEqual([]);
    return lastInsertRowid;
  });
  expect(id).toBe(1);
  expect(await items(pool)).toEqual([{ item: 'a' }]);
});

test('whatever is thrown rolls back and reaches the caller as it is', async () => {
  const { pool } = await orders();
  const error = new Error('no stock');
  const failing = [
    () => {
      throw error;
    },
    async () => {
      throw error;
    },
  ];
  for (const fail of failing) {
    const attempt = pool.transaction((connection) => {
      connection.exec("INSERT INTO orders (item) VALUES ('a')");
      return fail();
    });
    await expect(attempt).rejects.toBe(error);
    expect(await items(pool)).toEqual([]);
  }
  expect(pool.snapshot().write.connections.idle).toBe(1);
});

test('transactions run one after the other, also those that wait in the middle', async () => {
  const { pool } = await orders();
  await pool.query('INSERT INTO orders (item) VALUES (0)');
  await Promise.all(
    Array.from({ length: 20 }, () =>
      pool.transaction(async (connection) => {
        const item = connection.prepare('SELECT item FROM orders').pluck().get();
        await items(pool);
        connection.prepare('UPDATE orders SET item = ?').run(Number(item) + 1);
      }),
    ),
  );
  expect(await items(pool)).toEqual([{ item: '20.0' }]);
});

test('a conflict tries everything again, after a rollback', async () => {
  const { pool } = await orders();
  let attempts = 0;
  await pool.transaction((connection) => {
    connection.exec("INSERT INTO orders (item) VALUES ('a')");
    if (++attempts < 3) throw busy();
  });
  expect(attempts).toBe(3);
  expect(await items(pool)).toEqual([{ item: 'a' }]);
});

test('after the last retry the caller gets the conflict itself', async () => {
  const { pool } = await orders();
  let attempts = 0;
  const error = busy();
  const attempt = pool.transaction(
    () => {
      attempts++;
      throw error;
    },
    { maxRetries: 1 },
  );
  await expect(attempt).rejects.toBe(error);
  expect(attempts).toBe(2);
});

test('nothing but a conflict is tried again', async () => {
  const { pool } = await orders();
  let attempts = 0;
  const attempt = pool.transaction((connection) => {
    attempts++;
    connection.exec('INSERT INTO nowhere VALUES (1)');
  });
  await expect(attempt).rejects.toMatchObject({ code: 'SQLITE_ERROR', message: 'no such table: nowhere' });
  expect(attempts).toBe(1);
});

test('an abort during the pause before a retry ends the transaction', async () => {
  const { pool } = await orders();
  const controller = new AbortController();
  const reason = new Error('enough');
  const attempt = pool.transaction(
    () => {
      controller.abort(reason);
      throw busy();
    },
    { signal: controller.signal },
  );
  await expect(attempt).rejects.toBeInstanceOf(AcquireAbortedError);
  await expect(attempt).rejects.toMatchObject({ cause: reason });
});

test('an iterator that the work left unfinished does not stand in the way of the commit', async () => {
  const { pool } = await orders();
  await pool.transaction((connection) => {
    connection.exec('INSERT INTO orders (item) VALUES (1), (2)');
    connection.prepare('SELECT * FROM orders').iterate().next();
  });
  expect(await items(pool)).toHaveLength(2);
});

test('a nested transaction that fails takes back what it wrote, and nothing else', async () => {
  const { pool } = await orders();
  await pool.transaction(async (connection, context) => {
    const add = (item: string) => connection.prepare('INSERT INTO orders (item) VALUES (?)').run(item);
    add('a');
    const failing = context.transaction(() => {
      add('b');
      throw new Error('no b');
    });
    await expect(failing).rejects.toThrow('no b');
    await context.transaction(() => void add('c'));
  });
  expect(await items(pool)).toEqual([{ item: 'a' }, { item: 'c' }]);
});

test('an abort in the middle of a transaction rolls back', async () => {
  const { pool } = await orders();
  const controller = new AbortController();
  const attempt = pool.transaction(
    (connection) => {
      connection.exec("INSERT INTO orders (item) VALUES ('a')");
      controller.abort();
    },
    { signal: controller.signal },
  );
  await expect(attempt).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await items(pool)).toEqual([]);
});

test("better-sqlite3's own transactions nest inside", async () => {
  const { pool } = await orders();
  await pool.transaction((connection) => {
    const add = connection.transaction((item: string) => {
      connection.prepare('INSERT INTO orders (item) VALUES (?)').run(item);
      if (item === 'b') throw new Error('no b');
    });
    add('a');
    expect(() => add('b')).toThrow('no b');
  });
  expect(await items(pool)).toEqual([{ item: 'a' }]);
});

test('a transaction that the work ended by itself is told, not taken for a commit', async () => {
  const { pool } = await orders();
  const attempt = pool.transaction(
    (connection) => void connection.exec('INSERT INTO orders (item) VALUES (1); ROLLBACK'),
  );
  await expect(attempt).rejects.toThrow('no transaction is active');
  expect(await items(pool)).toEqual([]);
});

test('a bad number of retries is refused before anything begins', async () => {
  const { pool } = await orders();
  const attempt = pool.transaction(() => expect.unreachable(), { maxRetries: -1 });
  await expect(attempt).rejects.toBeInstanceOf(InvalidOptionsError);
  await expect(attempt).rejects.toThrow('maxRetries is -1, expected an integer of at least 0 retries, or Infinity');
});

test('a lock of another process is waited for as long as the busy timeout allows', async () => {
  const { pool, file } = await orders({ busyTimeoutMs: 30_000 });
  const { firstLine } = holdLock(file, 100);
  expect(await firstLine).toBe('locked');
  await pool.transaction((connection) => void connection.exec('INSERT INTO orders (item) VALUES (1)'));
  expect(await items(pool)).toEqual([{ item: '99' }, { item: '1' }]);
});

test('a lock that outlasts the busy timeout is a conflict, and the transaction comes back for it', async () => {
  const { pool, file } = await orders({ busyTimeoutMs: 0 });
  const { child, firstLine } = holdLock(file);
  expect(await firstLine).toBe('locked');
  const refused = pool.transaction(() => expect.unreachable(), { maxRetries: 0 });
  await expect(refused).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
  expect(await items(pool)).toEqual([]);
  const patient = pool.transaction((connection) => void connection.exec('INSERT INTO orders (item) VALUES (1)'), {
    maxRetries: Number.POSITIVE_INFINITY,
  });
  child.stdin?.end();
  await once(child, 'exit');
  await patient;
  expect(await items(pool)).toEqual([{ item: '99' }, { item: '1' }]);
  expect(pool.read.snapshot().live).toBeGreaterThan(0);
});
