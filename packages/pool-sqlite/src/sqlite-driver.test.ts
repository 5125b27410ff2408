import { rmSync } from 'node:fs';
import { SetupFailedError, UnexpectedAnswerError } from '@cryo/pool-core';
import { CallContext } from '@cryo/resilience';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFile } from '../test/folder.ts';
import { createSqliteDriver, type SqliteDriverOptions } from './sqlite-driver.ts';
import { FileReplacedError } from './sqlite-errors.ts';
import { DatabaseFile } from './sqlite-file.ts';
import type { SqliteConnection } from './sqlite-types.ts';

const context = new CallContext(Number.POSITIVE_INFINITY);

function driverOn(path: string, options: Partial<SqliteDriverOptions> = {}) {
  const file = new DatabaseFile({ path, busyTimeoutMs: 0, fileMustExist: false });
  const driver = createSqliteDriver({ file, mode: 'write', validationQuery: 'SELECT 1', setup: undefined, ...options });
  const open = async (): Promise<SqliteConnection> => {
    const connection = await driver.open(context);
    onTestFinished(() => driver.destroy(connection));
    return connection;
  };
  return { driver, open };
}

test('a driver touches nothing before it opens', () => {
  const path = temporaryFile();
  expect(driverOn(`${path}/missing`).driver).toMatchObject({ name: 'sqlite', server: { address: `${path}/missing` } });
});

test('a check passes on a handle that works, again and again', async () => {
  const { driver, open } = driverOn(temporaryFile());
  const connection = await open();
  for (let turn = 0; turn < 3; turn++) await expect(driver.check(connection, context)).resolves.toBeUndefined();
});

test('the first column of the first row of the validation query has to be 1', async () => {
  const answers: [string, unknown][] = [
    ["SELECT '1'", '1'],
    ['SELECT 2', 2],
    ['SELECT NULL', null],
    ['SELECT 1 WHERE 1 > 2', undefined],
  ];
  for (const [validationQuery, answer] of answers) {
    const { driver, open } = driverOn(temporaryFile(), { validationQuery });
    const failure = driver.check(await open(), context);
    await expect(failure).rejects.toBeInstanceOf(UnexpectedAnswerError);
    await expect(failure).rejects.toMatchObject({ answer });
  }
  for (const validationQuery of [
    'SELECT 1, 2',
    'VALUES (1), (2)',
    'SELECT 1.0',
    'SELECT count(*) FROM sqlite_schema',
  ]) {
    const { driver, open } = driverOn(temporaryFile(), { validationQuery });
    const connection = await open();
    connection.exec('CREATE TABLE only_one (x)');
    await driver.check(connection, context);
  }
});

test('safe integers of the setup do not confuse the check', async () => {
  const { driver, open } = driverOn(temporaryFile(), { setup: (connection) => void connection.defaultSafeIntegers() });
  await driver.check(await open(), context);
});

test('a check of a table that comes later works once the table is there', async () => {
  const { driver, open } = driverOn(temporaryFile(), { validationQuery: 'SELECT ok FROM state' });
  const connection = await open();
  await expect(driver.check(connection, context)).rejects.toThrow('no such table: state');
  connection.exec('CREATE TABLE state (ok); INSERT INTO state VALUES (1)');
  await driver.check(connection, context);
});

test('a check finds a closed handle and a deleted file', async () => {
  const path = temporaryFile();
  const { driver, open } = driverOn(path);
  const [closed, orphan] = [await open(), await open()];
  closed.close();
  await expect(driver.check(closed, context)).rejects.toThrow('not open');
  rmSync(path);
  await expect(driver.check(orphan, context)).rejects.toBeInstanceOf(FileReplacedError);
});

test('the setup runs once for each handle, and is told its mode', async () => {
  const calls: unknown[] = [];
  const path = temporaryFile();
  const setup = (connection: SqliteConnection, mode: string) => {
    calls.push([connection, mode]);
  };
  const writer = await driverOn(path, { setup }).open();
  const reader = await driverOn(path, { setup, mode: 'read' }).open();
  expect(calls).toEqual([
    [writer, 'write'],
    [reader, 'read'],
  ]);
});

test('what the setup registers survives every reset', async () => {
  const setup = (connection: SqliteConnection) => void connection.function('answer', () => 42).pragma('cache_size = 7');
  const { driver, open } = driverOn(temporaryFile(), { setup });
  const connection = await open();
  connection.pragma('cache_size = 9');
  driver.reset?.(connection, context);
  expect(connection.prepare('SELECT answer()').pluck().get()).toBe(42);
  expect(connection.pragma('cache_size', { simple: true })).toBe(7);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no');
    },
    'The setup of a new connection failed: no',
  ],
  [
    'is asynchronous',
    async () => {
      throw new Error('unheard');
    },
    'The setup of a new connection failed: setup answered a promise; it has to be synchronous',
  ],
  [
    'begins a transaction',
    (connection: SqliteConnection) => void connection.exec('BEGIN'),
    'The setup of a new connection failed: setup left a transaction open',
  ],
])('a setup that %s fails the open', async (_what, setup, message) => {
  const { driver } = driverOn(temporaryFile(), { setup });
  const failure = driver.open(context);
  await expect(failure).rejects.toBeInstanceOf(SetupFailedError);
  await expect(failure).rejects.toThrow(message);
});

test('a reset answers at once and plainly', async () => {
  const { driver, open } = driverOn(temporaryFile());
  expect(driver.reset?.(await open(), context)).toBeUndefined();
});

test('close and destroy both free the handle, whatever it is in the middle of', async () => {
  const { driver, open } = driverOn(temporaryFile());
  const [polite, immediate] = [await open(), await open()];
  polite.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1), (2); BEGIN; DELETE FROM t');
  polite.prepare('SELECT 1').iterate().next();
  await driver.close(polite, context);
  immediate.prepare('SELECT x FROM t').iterate().next();
  driver.destroy(immediate);
  driver.destroy(immediate);
  expect([polite.open, immediate.open]).toEqual([false, false]);
  expect((await open()).prepare('SELECT count(*) FROM t').pluck().get()).toBe(2);
});
