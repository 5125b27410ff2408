import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFile } from '../test/folder.ts';
import { SqliteHandle } from './sqlite-handle.ts';
import { readRows, runStatement } from './sqlite-query.ts';

function orders(): SqliteHandle {
  const handle = new SqliteHandle(temporaryFile());
  onTestFinished(() => handle.end());
  handle.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders (item) VALUES (1), (2)');
  handle.settle();
  return handle;
}

test('parameters go by position or by name', () => {
  const handle = orders();
  expect(readRows(handle, 'SELECT item FROM orders WHERE id = ?', [2])).toEqual([{ item: '2' }]);
  expect(readRows(handle, 'SELECT item FROM orders WHERE id = @id', { id: 1 })).toEqual([{ item: '1' }]);
  expect(readRows(handle, 'SELECT id FROM orders', undefined)).toEqual([{ id: 1 }, { id: 2 }]);
  expect(readRows(handle, 'SELECT id FROM orders', [])).toHaveLength(2);
});

test('a write answers what it changed', () => {
  const handle = orders();
  expect(runStatement(handle, 'INSERT INTO orders (item) VALUES (?)', ['x'])).toEqual({
    changes: 1,
    lastInsertRowid: 3,
    rows: [],
  });
  expect(runStatement(handle, 'UPDATE orders SET item = 5', undefined)).toMatchObject({ changes: 3, rows: [] });
});

test('RETURNING answers rows beside what changed', () => {
  const handle = orders();
  expect(runStatement(handle, "INSERT INTO orders (item) VALUES ('a'), ('b') RETURNING id", undefined)).toEqual({
    changes: 2,
    lastInsertRowid: 4,
    rows: [{ id: 3 }, { id: 4 }],
  });
  expect(runStatement(handle, 'DELETE FROM orders WHERE id > 99 RETURNING id', undefined)).toMatchObject({
    changes: 0,
    rows: [],
  });
});

test('a SELECT changes nothing, whatever was changed before it', () => {
  const handle = orders();
  runStatement(handle, 'UPDATE orders SET item = 5', undefined);
  expect(runStatement(handle, 'SELECT id FROM orders', undefined)).toMatchObject({
    changes: 0,
    rows: [{ id: 1 }, { id: 2 }],
  });
});

test('a statement that answers no rows answers none', () => {
  const handle = orders();
  expect(readRows(handle, 'BEGIN', undefined)).toEqual([]);
  handle.clean();
});

test('a statement is prepared once, and the hundred used last are kept', () => {
  const handle = orders();
  const prepare = vi.spyOn(handle, 'prepare');
  const run = (turn: number) => readRows(handle, `SELECT ${turn} AS turn`, undefined);
  for (let turn = 0; turn < 100; turn++) run(turn);
  for (let turn = 0; turn < 100; turn++) run(turn);
  expect(prepare).toHaveBeenCalledTimes(100);
  run(100);
  run(1);
  expect(prepare).toHaveBeenCalledTimes(101);
  run(0);
  expect(prepare).toHaveBeenCalledTimes(102);
});

test('a kept statement sees columns that were added since', () => {
  const handle = orders();
  readRows(handle, 'SELECT * FROM orders', undefined);
  handle.exec('ALTER TABLE orders ADD COLUMN price DEFAULT 9');
  expect(readRows(handle, 'SELECT * FROM orders WHERE id = 1', undefined)).toEqual([{ id: 1, item: '1', price: 9 }]);
});

test('a pragma is undone each time it is run', () => {
  const handle = orders();
  for (let lease = 0; lease < 3; lease++) {
    readRows(handle, 'PRAGMA foreign_keys = OFF', undefined);
    expect(handle.pragma('foreign_keys', { simple: true })).toBe(0);
    handle.clean();
    expect(handle.pragma('foreign_keys', { simple: true })).toBe(1);
  }
});
