import { describe, expect, test } from 'vitest';
import { type Remains, remainsOf } from './mysql2-text.ts';

const remains = (sql: string, dialect = {}): Remains =>
  remainsOf(sql, { allowsSeveral: false, escapes: true, ...dialect });

describe('a statement leaves nothing', () => {
  test.each([
    "SELECT * FROM items WHERE name = 'a@b.c'",
    "INSERT INTO items (name) VALUES ('set'), ('use;'), ('temporary'), ('a := b'), ('SELECT 1 INTO @a')",
    "INSERT INTO items (name) VALUES ('it\\'s := here'), ('get_lock(1)'), ('/*! no */')",
    '/* by hand */ UPDATE items SET temporary = 1 -- := later\n WHERE id = 1',
    '-- first\n# second\n(SELECT 1) UNION (SELECT 2)',
    'SELECT 1 /* := */ # get_lock(1)',
    'CREATE TABLE temporary_items (id INT)',
    'SELECT forget_lock FROM items',
    'COMMIT;',
    'START REPLICA',
  ])('%s', (sql) => expect(remains(sql)).toBe('nothing'));

  test.each(['BEGIN', ' begin work ;', '/* now */ START TRANSACTION READ ONLY', 'BEGIN -- it'])(
    '%s, but what it begins',
    (sql) => expect(remains(sql)).toBe('beginning'),
  );

  test.each(['SET TRANSACTION READ ONLY', '/* next */ set transaction isolation level serializable;'])(
    '%s, but how the next transaction will be',
    (sql) => expect(remains(sql)).toBe('transaction-mode'),
  );
});

describe('a statement may leave something', () => {
  test.each([
    ...['', '1', 'SELEC', "SET NAMES 'latin1'", 'CALL nothing()', 'USE other', '/*! SET @a = 1 */', '/*M!100 USE x */'],
    ...['SELECT @a := 1', '(SELECT @a:=1)', 'SELECT 1 INTO @a', 'SELECT 1 INTO@a', 'SELECT 1 INTO/**/@a'],
    ...["SELECT get_lock('a', 1)", "DO GET_LOCK /* it */ ('a', 1)", "SELECT `get_lock`('a', 1)"],
    ...['SELECT "get_lock"(1, 1)', "SELECT get_lock -- it\n('a', 1)", "SELECT service_get_write_locks('a', 'b', 1)"],
    ...[
      "SELECT 1 /* ' */, @a := 1 /* ' */",
      "SELECT 1 AS `a'b`, @a := 1 AS `c'd`",
      "SELECT 1 # it's\n, @a := 1 # it's",
    ],
    ...["SELECT '\\\\', @a := 1, '\\\\'", "SELECT 'it''s', @a := 1, ''''"],
    ...['BEGIN NOT ATOMIC SET @a = 1; END', 'BEGIN/**/NOT ATOMIC SET @a = 1; END', 'BEGIN SET @a = 1; END'],
    ...['CREATE TEMPORARY TABLE t (id INT)', 'create/**/or replace temporary table t (id INT)'],
    ...["LOAD DATA INFILE 'x' INTO TABLE t (id, @a)", 'SELECT 1 /*!, @a := 2 */'],
    ...['SET TRANSACTION READ ONLY; SET @a = 1', 'SET SESSION TRANSACTION READ ONLY'],
  ])('%s', (sql) => expect(remains(sql)).toBe('session'));
});

test('a second statement counts where the connection allows several in one, and in no value or comment', () => {
  const several = (sql: string) => remains(sql, { allowsSeveral: true });
  expect(several('SELECT 1; SELECT 2')).toBe('session');
  expect(several("SELECT '1; 2'; -- 3")).toBe('nothing');
});

test('a backslash is a character as any other under NO_BACKSLASH_ESCAPES', () => {
  const sql = "SELECT '\\', @a := 1, '\\'";
  expect(remains(sql)).toBe('nothing');
  expect(remains(sql, { escapes: false })).toBe('session');
});

test('a text with many comments is read in one go', () => {
  expect(remains(`${'/* a */'.repeat(10_000)}1`)).toBe('session');
  expect(remains(`${'/* a */'.repeat(10_000)}SELECT 1 INTO @a`)).toBe('session');
});
