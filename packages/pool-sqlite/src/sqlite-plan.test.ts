import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { elastic, fixed } from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import { expect, test } from 'vitest';
import { temporaryFile } from '../test/folder.ts';
import type { SqlitePoolOptions } from './sqlite-options.ts';
import { planSqlitePool } from './sqlite-plan.ts';

/** Each fault as `path: expected`, in order. Options are loose, as they come from JavaScript. */
function faultsOf(options: unknown): readonly string[] {
  try {
    planSqlitePool(options as SqlitePoolOptions);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as InvalidOptionsError).faults.map(({ path, expected }) => `${path}: ${expected}`);
  }
}

test('the two required options make a plan with a pool of one writer', () => {
  const plan = planSqlitePool({ file: 'data/orders.db', inline: true });
  expect(plan.file.path).toBe(resolve('data/orders.db'));
  expect(plan.read).toMatchObject({
    name: 'orders-read',
    driver: { name: 'sqlite' },
    size: { sizer: { name: 'fixed' } },
  });
  expect(plan.write).toMatchObject({ name: 'orders-write', size: { min: 1, max: 1, absoluteMax: 1 } });
});

test('every group of options of a pool is let through, for both pools and for one', () => {
  const plan = planSqlitePool({
    file: 'orders.db',
    inline: true,
    shedding: { targetMs: 20 },
    read: { shedding: false },
  });
  expect([plan.read.shedding, plan.write.shedding]).toEqual([false, { targetMs: 20 }]);
});

test('groups hold for both pools, and those of one pool stand over them key by key', () => {
  const logger = { info() {}, warn() {} };
  const plan = planSqlitePool({
    file: 'orders.db',
    inline: true,
    name: 'shop',
    logger,
    acquire: { timeoutMs: 100, queueLimit: 5 },
    breaker: false,
    size: { min: 1, max: 4 },
    read: { acquire: { timeoutMs: 200 }, size: { absoluteMax: 8, sizer: elastic() }, breaker: { threshold: 2 } },
    write: { size: { min: 0 }, leak: { warnAfterMs: 5 } },
  });
  expect(plan.read).toMatchObject({
    name: 'shop-read',
    acquire: { timeoutMs: 200, queueLimit: 5 },
    breaker: { threshold: 2 },
    size: { min: 1, max: 4, absoluteMax: 8, sizer: { name: 'elastic' } },
  });
  expect(plan.write).toMatchObject({
    name: 'shop-write',
    acquire: { timeoutMs: 100, queueLimit: 5 },
    breaker: false,
    leak: { warnAfterMs: 5 },
    size: { min: 0, max: 1 },
  });
  expect(plan.read.logger).toBe(logger);
  expect(plan.write.logger).toBe(logger);
});

test.each([
  ['', 'a database in memory'],
  ['  ', 'a database in memory'],
  [':memory:', 'a database in memory'],
  [' :memory: ', 'a database in memory'],
  ['file:orders.db?mode=ro', 'a path, not a URI'],
  [' orders.db', 'without white space around it'],
  ['orders\0.db', 'without a zero byte'],
])('%j is refused as a file', (file, expected) => {
  expect(faultsOf({ file, inline: true })).toEqual([expect.stringContaining(expected)]);
});

test('one error lists every fault of the facade and of both pools, each where it was written', () => {
  const file = temporaryFile();
  expect(
    faultsOf({
      file,
      inline: false,
      name: ' ',
      fileMustExist: 'yes',
      busyTimeoutMs: -1,
      validationQuery: 'DELETE FROM orders',
      setup: 'PRAGMA x',
      colour: 'blue',
      acquire: { timeoutMs: 0 },
      size: { max: 0 },
      read: { size: { min: -1 }, poolName: 'x', connect: { concurrency: 0.5 } },
      write: { size: { min: 2, max: 5, sizer: fixed() }, acquire: { queueLimit: 0 }, logger: {} },
    }),
  ).toEqual([
    expect.stringMatching(/^colour: one of the options file, inline, .*, read, write$/),
    'inline: true: handles are lent in this process, there are no worker threads to lend from',
    'name: a string that is not empty',
    'fileMustExist: a boolean',
    'busyTimeoutMs: an integer from 0 to 2147483647 ms',
    'validationQuery: a statement that begins with SELECT or VALUES',
    'setup: a function',
    expect.stringMatching(/^read\.poolName: one of the options size, /),
    'write.size.sizer: one of the options min, max',
    'write.size.min: an integer from 0 to 1 connections',
    'write.size.max: 1 connection: SQLite has one writer at a time',
    'read.size.min: an integer from 0 to 100000 connections',
    'size.max: an integer from 1 to 100000 connections',
    'acquire.timeoutMs: a number above 0 ms, or Infinity',
    'read.connect.concurrency: an integer from 1 to 100000 dials',
    'write.logger.info: a function',
    'write.logger.warn: a function',
    'write.acquire.queueLimit: an integer of at least 1 requests, or Infinity',
  ]);
  expect(existsSync(file)).toBe(false);
});

test('what is no object is one fault, and nothing at all is two', () => {
  for (const options of [undefined, null, 'orders.db', []]) expect(faultsOf(options)).toEqual(['options: an object']);
  expect(faultsOf({})).toEqual(['file: a string', expect.stringMatching(/^inline: true/)]);
});

test('the message names the file, and each value', () => {
  expect(() => planSqlitePool({ file: 'orders.db', inline: true, busyTimeoutMs: Number.NaN })).toThrow(
    "createSqlitePool 'orders.db': busyTimeoutMs is NaN, expected an integer from 0 to 2147483647 ms",
  );
});

test('the functions of a validation query are a short list', () => {
  const judge = (validationQuery: string) => faultsOf({ file: 'a.db', inline: true, validationQuery });
  expect(judge('SELECT count(*) = 1 FROM state')).toEqual([]);
  expect(judge("SELECT load_extension('x')")).toEqual([
    expect.stringMatching(/^validationQuery: a statement that calls no/),
  ]);
  expect(judge('SELECT randomblob(1000000000)')).toHaveLength(1);
});

test('a wrapped driver is what the pools get, and is judged before anything is opened', () => {
  const wrapped: string[] = [];
  const plan = planSqlitePool({
    file: 'orders.db',
    inline: true,
    wrapDriver: (driver, mode) => {
      wrapped.push(mode);
      return { ...driver, name: `traced ${driver.name} ${mode}` };
    },
  });
  expect(wrapped).toEqual(['read', 'write']);
  expect([plan.read.driver.name, plan.write.driver.name]).toEqual(['traced sqlite read', 'traced sqlite write']);
  expect(faultsOf({ file: 'a.db', inline: true, wrapDriver: () => ({ name: 'x' }) })).toContain(
    'driver.open: a function',
  );
  expect(faultsOf({ file: 'a.db', inline: true, wrapDriver: 5 })).toEqual(['wrapDriver: a function']);
});
