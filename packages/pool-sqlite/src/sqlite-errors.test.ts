import { SetupFailedError, UnexpectedAnswerError } from '@cryo/pool-core';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import {
  classifySqliteError,
  FileReplacedError,
  FileUnusableError,
  SessionNotCleanError,
  TooManyFilesError,
} from './sqlite-errors.ts';

const sqliteError = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ['SQLITE_BUSY', 'server-unavailable', 'conflict'],
  ['SQLITE_BUSY_SNAPSHOT', 'server-unavailable', 'conflict'],
  ['SQLITE_BUSY_RECOVERY', 'server-unavailable', 'conflict'],
  ['SQLITE_LOCKED', 'server-unavailable', 'statement'],
  ['SQLITE_LOCKED_SHAREDCACHE', 'server-unavailable', 'conflict'],
  ['SQLITE_PROTOCOL', 'server-unavailable', 'conflict'],
  ['SQLITE_IOERR', 'server-unavailable', 'connection-lost'],
  ['SQLITE_IOERR_SHORT_READ', 'server-unavailable', 'connection-lost'],
  ['SQLITE_FULL', 'server-unavailable', 'statement'],
  ['SQLITE_NOMEM', 'server-unavailable', 'statement'],
  ['SQLITE_CANTOPEN', 'misconfigured', 'connection-lost'],
  ['SQLITE_CANTOPEN_ISDIR', 'misconfigured', 'connection-lost'],
  ['SQLITE_CORRUPT', 'misconfigured', 'connection-lost'],
  ['SQLITE_CORRUPT_INDEX', 'misconfigured', 'connection-lost'],
  ['SQLITE_CORRUPT_VTAB', 'misconfigured', 'statement'],
  ['SQLITE_NOTADB', 'misconfigured', 'connection-lost'],
  ['SQLITE_PERM', 'misconfigured', 'connection-lost'],
  ['SQLITE_READONLY', 'misconfigured', 'statement'],
  ['SQLITE_READONLY_DBMOVED', 'misconfigured', 'connection-lost'],
  ['SQLITE_AUTH', 'misconfigured', 'statement'],
  ['SQLITE_ERROR', 'misconfigured', 'statement'],
  ['SQLITE_CONSTRAINT_UNIQUE', 'misconfigured', 'statement'],
  ['SQLITE_TOOBIG', 'misconfigured', 'statement'],
])('%s is %s while opening and %s on a live connection', (code, opening, live) => {
  expect(classifySqliteError(sqliteError(code), 'open')).toBe(opening);
  for (const phase of ['check', 'reset', 'use'] as const)
    expect(classifySqliteError(sqliteError(code), phase)).toBe(live);
});

test('the errors of this adapter have their class in every phase', () => {
  for (const phase of ['open', 'check', 'reset', 'use'] as const) {
    expect(classifySqliteError(new FileUnusableError('a.db', 'it is a directory'), phase)).toBe('misconfigured');
    expect(classifySqliteError(new TooManyFilesError('a.db', undefined), phase)).toBe('overloaded');
    expect(classifySqliteError(new FileReplacedError('a.db'), phase)).toBe('connection-lost');
    expect(classifySqliteError(new SessionNotCleanError(['the function f']), phase)).toBe('connection-lost');
  }
  expect(classifySqliteError(new UnexpectedAnswerError('SELECT 2', 2), 'check')).toBeUndefined();
});

test('a setup that fails is a mistake in the setup, unless the file was busy', () => {
  expect(classifySqliteError(new SetupFailedError(new TypeError('x is not a function')), 'open')).toBe('misconfigured');
  expect(classifySqliteError(new SetupFailedError('words'), 'open')).toBe('misconfigured');
  expect(classifySqliteError(new SetupFailedError(sqliteError('SQLITE_ERROR')), 'open')).toBe('misconfigured');
  expect(classifySqliteError(new SetupFailedError(sqliteError('SQLITE_BUSY')), 'open')).toBe('server-unavailable');
});

test('a library that cannot be loaded is misconfigured', () => {
  expect(classifySqliteError(sqliteError('ERR_DLOPEN_FAILED'), 'open')).toBe('misconfigured');
});

test('a statement on a handle that its holder closed finds the connection lost', () => {
  const handle = new Database(':memory:');
  const statement = handle.prepare('SELECT 1');
  handle.close();
  for (const use of [() => handle.exec('SELECT 1'), () => handle.prepare('SELECT 1'), () => statement.get()]) {
    expect(use).toThrow(expect.toSatisfy((error) => classifySqliteError(error, 'use') === 'connection-lost'));
  }
});

test('what is not of SQLite is left to the pool', () => {
  for (const error of [new Error('no'), new TypeError('no'), 'no', undefined, null, { code: 'SQLITE_BUSY' }]) {
    expect(classifySqliteError(error, 'use')).toBeUndefined();
    expect(classifySqliteError(error, 'open')).toBeUndefined();
  }
});

test('an error whose properties throw when they are read is left to the pool', () => {
  const unreadable = {
    get: () => {
      throw new Error('nobody may read this');
    },
  };
  const error = Object.defineProperties(new Error(), { code: unreadable, message: unreadable });
  expect(classifySqliteError(error, 'use')).toBeUndefined();
  expect(classifySqliteError(error, 'open')).toBeUndefined();
});

test('every error says what happened, with a code that stays', () => {
  expect(new FileUnusableError('a.db', 'it is a directory')).toMatchObject({
    name: 'FileUnusableError',
    code: 'FILE_UNUSABLE',
    message: "The database file 'a.db' can't be used: it is a directory",
  });
  expect(new SessionNotCleanError(['the function f', 'a backup still running'])).toMatchObject({
    name: 'SessionNotCleanError',
    code: 'SESSION_NOT_CLEAN',
    message: 'A lease left its connection with the function f, a backup still running',
  });
  expect(new UnexpectedAnswerError('SELECT 2', 2)).toMatchObject({
    name: 'UnexpectedAnswerError',
    code: 'UNEXPECTED_ANSWER',
    message: "The check 'SELECT 2' answered 2, expected 1",
  });
});
