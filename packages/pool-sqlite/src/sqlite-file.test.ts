import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openFilesIn, temporaryFile, temporaryFolder } from '../test/folder.ts';
import { openFile } from '../test/processes.ts';
import { classifySqliteError, FileReplacedError, FileUnusableError } from './sqlite-errors.ts';
import { DatabaseFile } from './sqlite-file.ts';
import type { SqliteHandle } from './sqlite-handle.ts';
import type { SqliteMode } from './sqlite-types.ts';

function fileAt(path: string, fileMustExist = false): DatabaseFile {
  return new DatabaseFile({ path, busyTimeoutMs: 0, fileMustExist });
}

function open(file: DatabaseFile, mode: SqliteMode): SqliteHandle {
  const handle = file.open(mode);
  onTestFinished(() => handle.end());
  return handle;
}

/** What can't be opened, and leaves nothing open. */
function failure(file: DatabaseFile, mode: SqliteMode): unknown {
  try {
    open(file, mode);
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each<SqliteMode>(['read', 'write'])('the first %s makes the file, in WAL mode', (mode) => {
  const path = temporaryFile();
  const handle = open(fileAt(path), mode);
  expect(handle.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(handle.pragma('foreign_keys', { simple: true })).toBe(1);
  expect(handle.readonly).toBe(mode === 'read');
  expect(handle.name).toBe(path);
});

test('a handle waits for locks as long as it was told, whatever it took to open it', () => {
  const path = temporaryFile();
  for (const busyTimeoutMs of [0, 70, 5_000]) {
    const handle = open(new DatabaseFile({ path, busyTimeoutMs, fileMustExist: false }), 'write');
    expect(handle.pragma('busy_timeout', { simple: true })).toBe(busyTimeoutMs);
  }
});

test('a file in another journal mode is switched to WAL, by the first reader too', () => {
  const path = temporaryFile();
  const before = new Database(path);
  before.exec('PRAGMA journal_mode = DELETE; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
  before.close();
  const reader = open(fileAt(path), 'read');
  expect(reader.prepare('SELECT x FROM t').pluck().get()).toBe(1);
  expect(reader.pragma('journal_mode', { simple: true })).toBe('wal');
});

test('a read handle cannot write, attach a writable file, or make one', () => {
  const path = temporaryFile();
  const writer = open(fileAt(path), 'write');
  writer.exec('CREATE TABLE t (x)');
  const reader = open(fileAt(path), 'read');
  expect(() => reader.exec('INSERT INTO t VALUES (1)')).toThrow('attempt to write a readonly database');
  expect(() => reader.exec(`ATTACH '${path}' AS again; INSERT INTO again.t VALUES (1)`)).toThrow('readonly database');
  expect(() => reader.exec(`ATTACH '${path}-other' AS other`)).toThrow('unable to open database');
  reader.unsafeMode();
  expect(() => reader.exec('PRAGMA query_only = OFF; INSERT INTO t VALUES (1)')).toThrow('readonly database');
});

test('what is wrong with a path is said, and is misconfigured', () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/text`, 'certainly not a database, but long enough to be looked at. '.repeat(20));
  mkdirSync(`${folder}/directory`);
  symlinkSync(`${folder}/nowhere/x.db`, `${folder}/link`);
  const reasons = [
    [`${folder}/missing/x.db`, `the directory '${folder}/missing' does not exist`],
    [`${folder}/text/x.db`, `'${folder}/text' is not a directory`],
    [`${folder}/directory`, 'it is a directory'],
    [`${folder}/text`, 'it is no SQLite database'],
  ] as const;
  for (const mode of ['read', 'write'] as const) {
    for (const [path, reason] of reasons) {
      const error = failure(fileAt(path), mode);
      expect(error).toBeInstanceOf(FileUnusableError);
      expect(error).toMatchObject({ file: path, reason, cause: expect.any(Error) });
      expect(classifySqliteError(error, 'open')).toBe('misconfigured');
    }
    expect(classifySqliteError(failure(fileAt(`${folder}/link`), mode), 'open')).toBe('misconfigured');
    expect(failure(fileAt(`${folder}/absent.db`, true), mode)).toMatchObject({ reason: 'it does not exist' });
  }
  expect(readdirSync(folder).sort()).toEqual(['directory', 'link', 'text']);
});

test('a handle that fails to open leaves no file open', () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/text`, 'certainly not a database, but long enough to be looked at. '.repeat(20));
  for (const mode of ['read', 'write'] as const) failure(fileAt(`${folder}/text`), mode);
  if (process.platform === 'linux') expect(openFilesIn(folder)).toEqual([]);
});

test('a damaged header is misconfigured', () => {
  const path = temporaryFile();
  writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4_080, 0xff)]));
  expect(classifySqliteError(failure(fileAt(path), 'read'), 'open')).toBe('misconfigured');
});

test('a lock of somebody else that stands in the way of WAL is worth another try', () => {
  const path = temporaryFile();
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec('CREATE TABLE t (x); BEGIN EXCLUSIVE');
  const error = failure(fileAt(path), 'write');
  expect(error).toMatchObject({ code: 'SQLITE_BUSY' });
  expect(classifySqliteError(error, 'open')).toBe('server-unavailable');
});

test('a handle is confirmed as long as its path leads to its file', () => {
  const path = temporaryFile();
  const file = fileAt(path);
  const [reader, writer] = [open(file, 'read'), open(file, 'write')];
  writer.exec('CREATE TABLE t (x)');
  file.confirm(reader);
  file.confirm(writer);
  renameSync(path, `${path}.old`);
  expect(() => file.confirm(reader)).toThrow(FileReplacedError);
  new Database(path).close();
  expect(() => file.confirm(writer)).toThrow(`'${path}' was deleted or replaced while a connection had it open`);
});

test('a file that was there and is gone is not made anew', () => {
  const path = temporaryFile();
  const file = fileAt(path);
  open(file, 'write').end();
  rmSync(path);
  for (const mode of ['read', 'write'] as const) expect(failure(file, mode)).toMatchObject({ reason: 'it is gone' });
  expect(readdirSync(dirname(path))).toEqual([]);
  new Database(path).close();
  expect(open(file, 'read').pragma('journal_mode', { simple: true })).toBe('wal');
});

test('the log that a last reader leaves behind is merged', () => {
  const path = temporaryFile();
  const file = fileAt(path);
  const [writer, reader] = [open(file, 'write'), open(file, 'read')];
  writer.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
  reader.prepare('SELECT * FROM t').all();
  writer.end();
  reader.end();
  expect(readdirSync(dirname(path)).sort()).toEqual(['orders.db', 'orders.db-shm', 'orders.db-wal']);
  file.mergeLog();
  expect(readdirSync(dirname(path))).toEqual(['orders.db']);
  expect(open(file, 'read').prepare('SELECT x FROM t').pluck().get()).toBe(1);
});

test('a log that is in use, or whose file is gone, is left alone', () => {
  const path = temporaryFile();
  const file = fileAt(path);
  const writer = open(file, 'write');
  writer.exec('CREATE TABLE t (x); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)');
  file.mergeLog();
  writer.exec('COMMIT');
  expect(writer.prepare('SELECT x FROM t').pluck().get()).toBe(1);
  rmSync(path);
  expect(() => file.mergeLog()).not.toThrow();
});

const isRoot = process.getuid?.() === 0;

test.runIf(process.platform !== 'win32')('a file or directory that may not be written is misconfigured', async () => {
  const folder = temporaryFolder();
  const nobody = 65_534;
  const path = `${folder}/orders.db`;
  new Database(path).exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x)').close();
  if (isRoot) for (const entry of [folder, path]) chownSync(entry, nobody, nobody);
  const limits = isRoot ? { user: nobody } : {};
  const told = (file: string, mode: SqliteMode) => openFile(file, mode, limits).firstLine;
  expect(await told(path, 'write')).toBe('opened');
  chmodSync(path, 0o444);
  for (const mode of ['read', 'write'] as const) {
    expect(await told(path, mode)).toBe(
      `misconfigured FileUnusableError: The database file '${path}' can't be used: this process may not read and write it`,
    );
  }
  chmodSync(path, 0o644);
  chmodSync(folder, 0o555);
  expect(await told(`${folder}/new.db`, 'write')).toBe(
    `misconfigured FileUnusableError: The database file '${folder}/new.db' can't be used: this process may not write in the directory '${folder}'`,
  );
  chmodSync(folder, 0o755);
});

test.runIf(process.platform === 'linux')(
  'a process without file handles left is overloaded, not misconfigured',
  async () => {
    const path = temporaryFile();
    const { firstLine } = openFile(path, 'write', { times: 1_000, openFiles: 64 });
    expect(await firstLine).toBe(
      `overloaded TooManyFilesError: No file handle is left to open the database file '${path}' with`,
    );
  },
);
