import { expect, onTestFinished, test } from 'vitest';
import { scriptedMysql } from '../test/scripted-mysql.ts';
import { createMysqlPool, type MysqlPool } from './mysql2-pool.ts';

/** What MySQL itself answers is told from its documentation, by a server that speaks its protocol and nothing else. */
async function pooled(answers: Parameters<typeof scriptedMysql>[0] = {}) {
  const server = await scriptedMysql(answers);
  const { port, said } = server;
  const connection = { host: '127.0.0.1', port, user: 'cryo', database: 'cryo' };
  const pool: MysqlPool = createMysqlPool({ connection, size: { min: 0, max: 1 } });
  onTestFinished(async () => {
    await pool.close({ timeoutMs: 1 });
    server.close();
  });
  return { pool, said };
}

test('a reset of MySQL is followed by the character set of the connection, and its database', async () => {
  const { pool, said } = await pooled();
  await pool.query('SET @a = 1');
  await pool.query('DO 1');
  await pool.query('USE other');
  await pool.query('DO 2');
  const names = 'SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci';
  expect(said).toEqual(['SET @a = 1', 'RESET', names, 'DO 1', 'USE other', 'RESET', names, 'USE `cryo`', 'DO 2']);
});

test('a change that MySQL tells of is washed away, and a transaction that it tells of is rolled back', async () => {
  const changed = { status: 0x4002, changes: [0, 4, 1, 0x61, 1, 0x62] };
  const { pool, said } = await pooled({ 'DO 1': changed, 'DO 2': { status: 0x2003 } });
  await pool.query('DO 1');
  await pool.query('DO 2');
  await pool.query('DO 3');
  const names = 'SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci';
  expect(said).toEqual(['DO 1', 'RESET', names, 'DO 2', 'ROLLBACK', 'DO 3']);
});

test('identifiers of transactions, which a session may ask to be told, cost nothing', async () => {
  const { pool, said } = await pooled({ 'DO 1': { status: 0x4002, changes: [3, 3, 0, 1, 0x67] } });
  await pool.query('DO 1');
  await pool.query('DO 2');
  expect(said).toEqual(['DO 1', 'DO 2']);
});

test.each([
  [3032, 'The server is currently in offline mode', 1],
  [1062, 'Duplicate entry', 0],
])('an error %i of a statement ends the connection, or does not', async (errno, message, dialsMore) => {
  const { pool, said } = await pooled({ 'DO 1': { errno, message } });
  let dials = 0;
  pool.on('dial-started', () => dials++);
  await pool.query('DO 2');
  const before = dials;
  await expect(pool.query('DO 1')).rejects.toMatchObject({ errno });
  await pool.query('DO 2');
  expect(dials - before).toBe(dialsMore);
  expect(said).toEqual(['DO 2', 'DO 1', 'DO 2']);
});

test.each([
  [3159, 'Connections using insecure transport are prohibited while --require_secure_transport=ON.'],
  [3118, "Access denied for user 'cryo'@'localhost'. Account is locked."],
  [1862, 'Your password has expired. To log in you must change it.'],
])('a login that MySQL refuses with %i is told at once, and not tried again and again', async (errno, message) => {
  const { pool } = await pooled({ login: { errno, message } });
  let dials = 0;
  pool.on('dial-started', () => dials++);
  await expect(pool.query('DO 1')).rejects.toMatchObject({ code: 'MISCONFIGURED', cause: { errno, message } });
  await expect(pool.query('DO 1')).rejects.toMatchObject({ code: 'MISCONFIGURED' });
  expect(dials).toBe(1);
});
