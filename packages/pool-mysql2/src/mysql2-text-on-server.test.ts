import { startMariadb, type TestServer } from '@cryo/testkit/servers';
import fc from 'fast-check';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { remainsOf } from './mysql2-text.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.remove());

/** What can hide something, and what can be hidden. */
const PIECES = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    "''",
    '""',
    '``',
    '\\\\',
    "\\'",
    '\\"',
    '/*',
    '*/',
    '/*!',
    '/**/',
    '--',
    '-- ',
    '#',
    '\n',
    '\t',
  ],
  ...[
    ',',
    ' ',
    ';',
    '(',
    ')',
    '*',
    '/',
    '-',
    '+',
    'x',
    '1',
    ' AS ',
    'N',
    '_utf8',
    '@a:=1',
    ', @a := 2',
    ' into @a',
    ' into@a',
  ],
  ...["get_lock('a',0)", "`get_lock`('a',0)", "get_lock/**/('a',0)"],
];
const texts = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 9 })
  .map((pieces) => ['SELECT 1', ...pieces]);

/** Says it, and answers whether it left anything; then nothing is left. */
async function leaves(connection: Connection, sql: string): Promise<boolean> {
  await connection.query(sql).catch(() => {});
  const [[found]] = await connection.query<never[]>("SELECT @a AS variable, is_used_lock('a') AS held");
  const { variable, held } = found as unknown as Readonly<Record<string, unknown>>;
  if (variable === null && held === null) return false;
  await connection.query('SET @a = NULL');
  await connection.query('DO release_all_locks()');
  return true;
}

test.each([
  ['', true],
  ['ANSI_QUOTES', true],
  ['NO_BACKSLASH_ESCAPES', false],
])('whatever leaves something on the server is found in its text, under sql_mode %o', async (mode, escapes) => {
  const connection = await createConnection(server.url);
  await connection.query('SET sql_mode = ?', [mode]);
  let found = 0;
  await fc.assert(
    fc.asyncProperty(texts, async (pieces) => {
      const sql = pieces.join('');
      if (!(await leaves(connection, sql))) return;
      found++;
      expect([sql, remainsOf(sql, { allowsSeveral: false, escapes })]).toEqual([sql, 'session']);
    }),
    { numRuns: 1_000 },
  );
  expect(found).toBeGreaterThan(0);
  connection.destroy();
});
