import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkValidationQuery } from './validation-query.ts';

const judge = (query: unknown) => checkValidationQuery(query, { functions: ['count', 'coalesce'] });

test.each([
  'SELECT 1',
  'select 1',
  '  SELECT\n\t1 ',
  'VALUES (1)',
  'SELECT 1 FROM dual',
  'SELECT CASE WHEN count(*) > 0 THEN 1 ELSE 0 END FROM accounts',
  'SELECT coalesce ((SELECT id FROM "heart""beat" WHERE name = \'it\'\'s\'), 0) = 1',
  'SELECT 1 WHERE EXISTS (SELECT 1 FROM t) AND (1 IN (1, 2) OR NOT (1.5 <> 2))',
  'SELECT CAST(1 AS int)',
  'SELECT 1::int',
  'SELECT `id` FROM `t`',
  "SELECT count(*) FROM t WHERE note = 'select; from -> (into)'",
  'SELECT 1 UNION ALL (SELECT 1)',
])('%j only reads', (query) => {
  expect(judge(query)).toBeUndefined();
});

test.each([
  ['', 'a statement that begins with SELECT or VALUES'],
  ['DELETE FROM t', 'a statement that begins with SELECT or VALUES'],
  ['WITH gone AS (DELETE FROM t RETURNING 1) SELECT 1', 'a statement that begins with SELECT or VALUES'],
  ['EXPLAIN SELECT 1', 'a statement that begins with SELECT or VALUES'],
  ['(SELECT 1)', 'a statement that begins with SELECT or VALUES'],
  ['SELECT 1; DROP TABLE t', "one statement without ';'"],
  ['SELECT 1;', "one statement without ';'"],
  ['SELECT 1 -- or so', 'a statement without comments'],
  ['SELECT 1 /*! INTO OUTFILE */', 'a statement without comments'],
  ['SELECT 1 # or so', "a plain statement without '#'"],
  ["SELECT 'it\\'s' FROM t", 'a statement whose quotes are closed'],
  ["SELECT 'open", 'a statement whose quotes are closed'],
  ["SELECT '''", 'a statement whose quotes are closed'],
  ['SELECT $$x$$', "a plain statement without '$'"],
  ['SELECT ?', "a plain statement without '?'"],
  ['SELECT @a := 1', "a plain statement without '@'"],
  ['SELECT :name', "a plain statement without ':'"],
  ['SELECT [id] FROM t', "a plain statement without '['"],
  ['SELECT 1 INTO fresh', 'a statement that only reads, without INTO'],
  ['SELECT 1 FROM t FOR UPDATE', 'a statement that only reads, without FOR'],
  ['SELECT 1 FROM t LOCK IN SHARE MODE', 'a statement that only reads, without LOCK'],
  ['SELECT * FROM (WITH x AS (DELETE FROM t RETURNING 1) TABLE x) y', 'a statement that only reads, without DELETE'],
])('%j is refused', (query, expected) => {
  expect(judge(query)).toBe(expected);
});

test.each([
  ['SELECT pg_sleep(10)'],
  ['SELECT sleep (10)'],
  ['SELECT sleep\n(10)'],
  ['SELECT "pg_sleep"(10)'],
  ['SELECT `sleep`(10)'],
  ['SELECT pg_catalog.pg_sleep(10)'],
  ['SELECT evil.count(1)'],
  ['SELECT evil . select (1)'],
  ['SELECT "count"(1)'],
  ['SELECT * FROM generate_series(1, 1000000000)'],
  ['SELECT left(1, 1)'],
])('%j calls a function that is not on the list', (query) => {
  expect(judge(query)).toBe('a statement that calls no function but count, coalesce');
});

test('what is no string is refused', () => {
  expect(judge(undefined)).toBe('a string');
  expect(judge(1)).toBe('a string');
});

test('a string literal never hides anything, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const quoted = `'${text.replaceAll("'", "''")}'`;
      const verdict = judge(`SELECT 1 WHERE ${quoted} = ${quoted}`);
      if (/\\|--|\/\*/.test(text)) expect(verdict).toBeTypeOf('string');
      else expect(verdict).toBeUndefined();
    }),
  );
});

test('a statement that follows another is refused, however it is separated', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('DROP TABLE t', 'DELETE FROM t', 'SELECT pg_sleep(9)'),
      (between, second) => {
        expect(judge(`SELECT 1${between};${second}`)).toBeTypeOf('string');
        expect(judge(`SELECT 1 ${between} ${second}`)).toSatisfy(
          (verdict) => typeof verdict === 'string' || isQuotedAway(between),
        );
      },
    ),
  );
});

/** Only quotes on either side can make words into text. */
function isQuotedAway(between: string): boolean {
  return /['"`]/.test(between);
}
