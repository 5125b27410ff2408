import { InvalidOptionsError } from '@cryo/resilience';
import { startProxy } from '@cryo/testkit/chaos';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../test/eventually.ts';
import { createPgPool, type PgPool } from './pg-pool.ts';

const server = await startPostgres();
const admin = new pg.Client(server.url);
beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.end();
  await server.remove();
});

let pool: PgPool;
const listeningPool = () => {
  pool = createPgPool({ connection: server.url, name: 'ears', size: { min: 0, max: 2 } });
  return pool;
};
afterEach(() => pool.close({ timeoutMs: 100 }));

const ears = async (): Promise<number[]> => {
  const { rows } = await admin.query(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'ears' AND query LIKE 'LISTEN%'`,
  );
  return rows.map(({ pid }) => pid);
};

test('a listener hears what is sent to its channel, in order, and nothing once it has stopped', async () => {
  const heard: string[] = [];
  const subscription = await listeningPool().listen('Orders "of" today', (payload) => heard.push(payload));
  for (const payload of ['1', '2', '3']) await pool.query(`SELECT pg_notify('Orders "of" today', $1)`, [payload]);
  await eventually(() => heard).toEqual(['1', '2', '3']);
  await subscription.stop();
  await pool.query(`SELECT pg_notify('Orders "of" today', '4')`);
  expect(heard).toEqual(['1', '2', '3']);
  await eventually(ears).toEqual([]);
});

test('all channels share one connection, and one of two listeners of a channel may stop', async () => {
  const heard: string[] = [];
  listeningPool();
  const [first] = await Promise.all([
    pool.listen('a', () => heard.push('first')),
    pool.listen('a', () => heard.push('second')),
    pool.listen('b', () => heard.push('other')),
  ]);
  expect(await ears()).toHaveLength(1);
  await first.stop();
  await pool.query('NOTIFY a');
  await pool.query('NOTIFY b');
  await eventually(() => heard.toSorted()).toEqual(['other', 'second']);
  expect(pool.snapshot().live).toBeLessThanOrEqual(1);
});

test('a listener whose connection was ended listens again, and is told that it may have missed something', async () => {
  const heard: string[] = [];
  await listeningPool().listen('news', (payload) => heard.push(payload), { onGap: () => heard.push('a gap') });
  for (const id of await ears()) await admin.query('SELECT pg_terminate_backend($1, 1000)', [id]);
  await eventually(() => heard).toEqual(['a gap']);
  await admin.query(`NOTIFY news, 'again'`);
  await eventually(() => heard).toEqual(['a gap', 'again']);
});

test('who asks to listen during an outage waits for the one connection that comes back', {
  timeout: 30_000,
}, async () => {
  const heard: string[] = [];
  const proxy = await startProxy({ target: server });
  const connection = server.url.replace(String(server.port), String(proxy.port));
  pool = createPgPool({ connection, name: 'ears', size: { min: 0, max: 2 } });
  await pool.listen('old', (payload) => heard.push(payload));
  await proxy.apply({ kind: 'refusal' });
  proxy.resetLinks();
  await eventually(ears).toEqual([]);
  const asked = [pool.listen('new', (payload) => heard.push(payload)), pool.listen('newer', () => {})];
  await proxy.heal();
  await Promise.all(asked);
  expect(await ears()).toHaveLength(1);
  await pool.query(`SELECT pg_notify('old', 'one'), pg_notify('new', 'two')`);
  await eventually(() => heard).toEqual(['one', 'two']);
  await pool.close();
  await proxy.remove();
});

test('a listener whose line went silent finds out by itself, and listens again once there is a way', {
  timeout: 30_000,
}, async () => {
  const heard: string[] = [];
  const proxy = await startProxy({ target: server });
  const connection = server.url.replace(String(server.port), String(proxy.port));
  pool = createPgPool({
    ...{ connection, name: 'ears', size: { min: 0, max: 2 } },
    ...{ validation: { intervalMs: 100, timeoutMs: 200 }, connect: { timeoutMs: 500 } },
  });
  await pool.listen('news', (payload) => heard.push(payload), { onGap: () => heard.push('a gap') });
  await proxy.apply({ kind: 'silence' });
  // The old line says nothing more, and nobody is told.
  await proxy.heal({ links: 'dead' });
  await eventually(() => heard, { timeout: 10_000 }).toEqual(['a gap']);
  await pool.query(`SELECT pg_notify('news', 'again')`);
  await eventually(() => heard).toEqual(['a gap', 'again']);
  await pool.close();
  await proxy.remove();
});

test('a handler that throws hurts neither the others nor the connection', async () => {
  const heard: string[] = [];
  listeningPool();
  await pool.listen('news', () => {
    throw new Error('a bad handler');
  });
  await pool.listen('news', () => Promise.reject(new Error('a bad handler that takes its time')));
  await pool.listen('news', (payload) => heard.push(payload));
  await pool.query(`SELECT pg_notify('news', 'one')`);
  await eventually(() => heard).toEqual(['one']);
});

test('a channel that PostgreSQL would cut short, or none at all, is refused', async () => {
  listeningPool();
  for (const channel of ['', 'x'.repeat(64), 7 as never]) {
    await expect(pool.listen(channel, () => {})).rejects.toThrow(InvalidOptionsError);
  }
  await expect(pool.listen('news', 'not a function' as never)).rejects.toThrow(/handler/);
});

test('a first dial that fails is told to the one who wants to listen', async () => {
  pool = createPgPool({ connection: 'postgres://cryo@127.0.0.1:1/postgres', size: { min: 0, max: 1 } });
  await expect(pool.listen('news', () => {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await pool.close();
  await expect(pool.listen('news', () => {})).rejects.toMatchObject({ code: 'CONNECTION_ENDED' });
});

test('a listener outlives a crash of the server', { timeout: 30_000 }, async () => {
  const heard: string[] = [];
  await listeningPool().listen('news', (payload) => heard.push(payload), { onGap: () => heard.push('a gap') });
  admin.removeAllListeners('error').on('error', () => {});
  await server.kill();
  await server.start();
  await eventually(() => heard, { timeout: 10_000 }).toEqual(['a gap']);
  await pool.query(`SELECT pg_notify('news', 'again')`);
  await eventually(() => heard).toEqual(['a gap', 'again']);
});
