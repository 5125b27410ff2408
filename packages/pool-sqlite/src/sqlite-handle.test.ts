import Database from 'better-sqlite3';
import fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openFilesIn, temporaryFile, temporaryFolder } from '../test/folder.ts';
import { SessionNotCleanError } from './sqlite-errors.ts';
import { SqliteHandle } from './sqlite-handle.ts';

let file: string;
let handle: SqliteHandle;

function open(options?: ConstructorParameters<typeof SqliteHandle>[1]): SqliteHandle {
  const opened = new SqliteHandle(file, options);
  onTestFinished(() => opened.end());
  return opened;
}

beforeEach(() => {
  file = temporaryFile();
  handle = open();
  handle.pragma('journal_mode = WAL');
  handle.exec(
    'CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders (item) VALUES (1), (2), (3)',
  );
  handle.settle();
});

const count = (of = handle) => of.prepare('SELECT count(*) FROM orders').pluck().get();
const remains = () => {
  try {
    handle.clean();
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(SessionNotCleanError);
    return (error as SessionNotCleanError).remains;
  }
};

test("it is better-sqlite3's own handle", () => {
  expect(handle).toBeInstanceOf(Database);
  expect(handle.transaction((id: number) => handle.prepare('SELECT item FROM orders WHERE id = ?').get(id))(2)).toEqual(
    {
      item: '2',
    },
  );
});

test('an open transaction is rolled back', () => {
  handle.exec('BEGIN; DELETE FROM orders');
  handle.clean();
  expect(handle.inTransaction).toBe(false);
  expect(count()).toBe(3);
});

test('an open savepoint is rolled back', () => {
  handle.exec('SAVEPOINT a; DELETE FROM orders; SAVEPOINT b');
  handle.clean();
  expect(handle.inTransaction).toBe(false);
  expect(count()).toBe(3);
});

test('an unfinished iterator is ended, with the transaction that it was reading in', () => {
  handle.exec('BEGIN');
  const iterator = handle.prepare('SELECT * FROM orders').iterate();
  iterator.next();
  expect(() => handle.exec('DELETE FROM orders')).toThrow('busy executing a query');
  handle.clean();
  handle.exec('DELETE FROM orders');
  expect(iterator.next()).toMatchObject({ done: true });
});

test('an iterator left to the garbage collector does not keep the handle from closing', () => {
  handle.prepare('SELECT * FROM orders').iterate().next();
  handle.end();
  expect(handle.open).toBe(false);
});

test('iterators that have ended are forgotten', () => {
  for (let turn = 0; turn < 1_000; turn++) {
    expect([...handle.prepare('SELECT id FROM orders').iterate()]).toHaveLength(3);
  }
  const [first, second] = [handle.prepare('SELECT 1').iterate(), handle.prepare('SELECT 2').iterate()];
  for (let turn = 0; turn < 1_000; turn++) handle.prepare('SELECT id FROM orders').iterate().return?.();
  handle.clean();
  expect([first.next().done, second.next().done]).toEqual([true, true]);
});

test.each([
  ['foreign_keys', 'OFF'],
  ['busy_timeout', '1'],
  ['query_only', 'ON'],
  ['cache_size', '7'],
  ['cache_spill', 'OFF'],
  ['synchronous', 'OFF'],
  ['temp_store', 'MEMORY'],
  ['recursive_triggers', 'ON'],
  ['reverse_unordered_selects', 'ON'],
  ['automatic_index', 'OFF'],
  ['analysis_limit', '10'],
  ['ignore_check_constraints', 'ON'],
  ['cell_size_check', 'ON'],
  ['secure_delete', 'ON'],
  ['fullfsync', 'ON'],
  ['checkpoint_fullfsync', 'ON'],
  ['read_uncommitted', 'ON'],
  ['trusted_schema', 'OFF'],
  ['legacy_alter_table', 'ON'],
  ['full_column_names', 'ON'],
  ['short_column_names', 'OFF'],
  ['count_changes', 'ON'],
  ['empty_result_callbacks', 'ON'],
  ['mmap_size', '1000000'],
  ['max_page_count', '5000'],
  ['journal_size_limit', '5000'],
  ['wal_autocheckpoint', '7'],
  ['threads', '3'],
  ['journal_mode', 'DELETE'],
  ['locking_mode', 'EXCLUSIVE'],
])('PRAGMA %s = %s does not outlive its lease', (name, value) => {
  const before = handle.pragma(name, { simple: true });
  handle.pragma(`${name} = ${value}`);
  expect(handle.pragma(name, { simple: true })).not.toBe(before);
  handle.clean();
  expect(handle.pragma(name, { simple: true })).toBe(before);
});

test('a pragma is noticed through exec and prepare too, however it is written', () => {
  handle.exec('SELECT 1; /* first */ pragma\nforeign_keys(0)');
  handle.prepare('PRAGMA query_only = 1').run();
  handle.clean();
  expect(handle.pragma('foreign_keys', { simple: true })).toBe(1);
  expect(handle.pragma('query_only', { simple: true })).toBe(0);
});

test('an exclusive lock is given back', () => {
  handle.exec('PRAGMA locking_mode = EXCLUSIVE; UPDATE orders SET item = 5');
  const other = open({ readonly: true, timeout: 0 });
  expect(() => count(other)).toThrow('database is locked');
  handle.clean();
  expect(count(other)).toBe(3);
});

test('a pragma that changes nothing leaves nothing', () => {
  handle.pragma('wal_checkpoint(TRUNCATE)');
  handle.pragma('optimize');
  expect(remains()).toEqual([]);
});

test('case_sensitive_like, which cannot be read, makes the handle unfit', () => {
  handle.pragma('case_sensitive_like = ON');
  expect(remains()).toEqual(['case_sensitive_like']);
});

test('temporary tables, views, triggers and indexes are dropped, wherever they are kept', () => {
  for (const place of ['DEFAULT', 'FILE', 'MEMORY']) {
    handle.exec(`PRAGMA temp_store = ${place};
      CREATE TEMP TABLE basket (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT); INSERT INTO basket (item) VALUES (1);
      CREATE INDEX temp.by_item ON basket (item); CREATE TEMPORARY VIEW items AS SELECT item FROM basket;
      CREATE TEMP TRIGGER copy AFTER INSERT ON main.orders BEGIN INSERT INTO basket (item) VALUES (new.item); END;
      CREATE VIRTUAL TABLE temp.words USING fts5(word)`);
    handle.clean();
    expect(handle.prepare('SELECT name FROM temp.sqlite_schema').pluck().all()).toEqual([]);
    handle.exec("INSERT INTO orders (item) VALUES ('x')");
  }
  expect(handle.pragma('temp_store', { simple: true })).toBe(0);
});

test('attached files are detached', () => {
  handle.exec(
    `ATTACH '${temporaryFolder()}/other.db' AS "a ""b"; CREATE TABLE "a ""b".t (x); BEGIN; INSERT INTO t VALUES (1)`,
  );
  handle.clean();
  expect(handle.pragma('database_list')).toHaveLength(2);
  expect(() => handle.prepare('SELECT * FROM t')).toThrow('no such table');
});

test('a file that belongs to the handle and is detached by a lease makes it unfit', () => {
  const folder = temporaryFolder();
  const own = open();
  own.exec(`ATTACH '${folder}/archive.db' AS archive`);
  own.settle();
  own.clean();
  own.exec('DETACH archive');
  expect(() => own.clean()).toThrow("A lease left its connection with another database 'archive'");
});

test('temporary tables that belong to the handle stay', () => {
  const own = open();
  own.exec('CREATE TEMP TABLE kept (x)');
  own.settle();
  own.exec('INSERT INTO temp.kept VALUES (1)');
  own.clean();
  expect(own.prepare('SELECT x FROM kept').pluck().get()).toBe(1);
  own.exec('CREATE TEMP TABLE lost (x)');
  expect(() => own.clean()).toThrow('other temporary objects');
});

test('safe integers and unsafe mode are switched back', () => {
  handle.defaultSafeIntegers();
  handle.unsafeMode();
  handle.clean();
  expect(count()).toBe(3);
  expect(() => handle.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''")).toThrow(
    'may not be modified',
  );
  handle.clean();
});

test('unsafe mode and what it allows are gone after a lease', () => {
  handle.unsafeMode();
  handle.exec('PRAGMA writable_schema = ON');
  expect(handle.pragma('writable_schema', { simple: true })).toBe(1);
  handle.clean();
  handle.unsafeMode();
  expect(handle.pragma('writable_schema', { simple: true })).toBe(0);
});

test('what was set before settling is what each lease begins with', () => {
  const own = open();
  own.defaultSafeIntegers();
  own.pragma('cache_size = 77');
  own.function('twice', (x: bigint) => x * 2n);
  own.settle();
  own.defaultSafeIntegers(false);
  own.pragma('cache_size = 5');
  own.clean();
  expect(own.prepare('SELECT twice(21)').pluck().get()).toBe(42n);
  expect(own.pragma('cache_size', { simple: true })).toBe(77n);
});

test('functions, aggregates and virtual tables of a lease make the handle unfit', () => {
  handle.function('f', () => 1);
  handle.function('g', { deterministic: true }, (x: number) => x);
  handle.aggregate('h', { start: 0, step: (total: number) => total + 1 });
  handle.table('numbers', {
    columns: ['n'],
    *rows() {
      yield [1];
    },
  });
  expect(handle.prepare('SELECT f() + g(1) + n FROM numbers').pluck().get()).toBe(3);
  expect(remains()).toEqual(['the function f', 'the function g', 'the aggregate h', 'the virtual table numbers']);
});

test('an extension of a lease makes the handle unfit, loaded or not', () => {
  expect(() => handle.loadExtension('no-such-extension')).toThrow();
  expect(remains()).toEqual(['the extension no-such-extension']);
});

test('a backup that still runs makes the handle unfit, and ends with it', async () => {
  const running = handle.backup(`${temporaryFolder()}/copy.db`);
  expect(remains()).toEqual(['a backup still running']);
  handle.end();
  await expect(running).rejects.toThrow('not open');
});

test('a backup that was awaited leaves nothing', async () => {
  const progress = await handle.backup(`${temporaryFolder()}/copy.db`);
  expect(progress.remainingPages).toBe(0);
  expect(remains()).toEqual([]);
});

test('a handle that its holder closed is unfit', () => {
  handle.close();
  expect(remains()).toEqual(['its handle closed']);
});

test('a read-only handle is cleaned as well', () => {
  const reader = open({ readonly: true });
  reader.settle();
  reader.exec('BEGIN; PRAGMA foreign_keys = OFF; CREATE TEMP TABLE t (x); SELECT * FROM orders');
  reader.pragma('cache_size = 7');
  reader.clean();
  expect(reader.inTransaction).toBe(false);
  expect(reader.prepare('SELECT name FROM temp.sqlite_schema').all()).toEqual([]);
});

/** What a lease may do to its session, each on its own or after any of the others. */
const DEEDS: ReadonlyMap<string, (folder: string) => unknown> = new Map<string, (folder: string) => unknown>([
  ['begin', () => handle.exec('BEGIN')],
  ['begin immediate', () => handle.exec('BEGIN IMMEDIATE')],
  ['commit', () => handle.exec('COMMIT')],
  ['savepoint', () => handle.exec('SAVEPOINT a')],
  ['release', () => handle.exec('RELEASE a')],
  ['delete', () => handle.exec('DELETE FROM orders WHERE id = 1')],
  ['insert', () => handle.exec("INSERT OR REPLACE INTO orders VALUES (1, '1')")],
  ['iterate', () => handle.prepare('SELECT * FROM orders').iterate().next()],
  ['iterate temp', () => handle.prepare('SELECT * FROM basket').iterate().next()],
  ['temp', () => handle.exec('CREATE TEMP TABLE basket AS SELECT * FROM orders')],
  ['attach', (folder) => handle.exec(`ATTACH '${folder}/other.db' AS other`)],
  ['use attached', () => handle.exec('CREATE TABLE IF NOT EXISTS other.t (x); INSERT INTO other.t VALUES (1)')],
  ['detach', () => handle.exec('DETACH other')],
  ['safe integers', () => handle.defaultSafeIntegers()],
  ['unsafe', () => handle.unsafeMode()],
  ['writable schema', () => handle.pragma('writable_schema = ON')],
  ['foreign keys', () => handle.pragma('foreign_keys = OFF')],
  ['temp store', () => handle.exec('PRAGMA temp_store = MEMORY')],
  ['journal', () => handle.prepare('PRAGMA journal_mode = TRUNCATE').get()],
  ['locking', () => handle.pragma('locking_mode(EXCLUSIVE)')],
  ['query only', () => handle.pragma('query_only = ON')],
  ['synchronous', () => handle.pragma('synchronous = EXTRA')],
  ['cache', () => handle.pragma('cache_size = 3')],
]);

/** The session as a lease finds it. */
function sessionSeen(): object {
  const names = [
    'foreign_keys',
    'temp_store',
    'journal_mode',
    'locking_mode',
    'query_only',
    'synchronous',
    'cache_size',
  ];
  return {
    pragmas: names.map((name) => handle.pragma(name, { simple: true })),
    databases: handle.prepare("SELECT name FROM pragma_database_list WHERE name <> 'temp'").pluck().all(),
    temporary: handle.prepare('SELECT name FROM temp.sqlite_schema').pluck().all(),
    inTransaction: handle.inTransaction,
    // Safe integers would make it a bigint, unsafe mode would allow the next, and query_only refuse the last.
    integer: handle.prepare('SELECT 1').pluck().get(),
    schema: refusalOf(() => handle.exec("UPDATE sqlite_schema SET sql = sql WHERE name = 'orders'")),
    write: refusalOf(() => handle.exec("INSERT INTO orders (item) VALUES ('x'); DELETE FROM orders WHERE item = 'x'")),
  };
}

test('whatever a lease does to its session, in whatever order, the next one finds it as it was', () => {
  const folder = temporaryFolder();
  const before = sessionSeen();
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...DEEDS.keys()), { maxLength: 15 }), (lease) => {
      for (const deed of lease) refusalOf(() => DEEDS.get(deed)?.(folder));
      handle.clean();
      expect(sessionSeen()).toEqual(before);
    }),
    { numRuns: 100 },
  );
});

function refusalOf(deed: () => unknown): unknown {
  try {
    deed();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

test('words that only look like a change of the session cost nothing but a look', () => {
  handle.prepare("SELECT 'attach', item AS temp FROM orders").all();
  handle.exec("INSERT INTO orders (item) VALUES ('a temp pragma')");
  handle.clean();
  expect(count()).toBe(4);
});

test('a statement kept from an earlier lease is still watched', () => {
  const statement = handle.prepare('SELECT * FROM orders');
  handle.clean();
  statement.iterate().next();
  handle.clean();
  handle.exec('DELETE FROM orders');
  expect(count()).toBe(0);
});

test.runIf(process.platform === 'linux')(
  'a handle ended from within one of its own statements closes right after',
  async () => {
    const folder = temporaryFolder();
    const own = new SqliteHandle(`${folder}/own.db`);
    own.function('leave', () => own.end());
    expect(() => own.prepare('SELECT leave()').get()).not.toThrow();
    await Promise.resolve();
    expect(own.open).toBe(false);
    expect(openFilesIn(folder)).toEqual([]);
  },
);
