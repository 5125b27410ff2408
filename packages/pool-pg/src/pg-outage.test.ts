import { startProxy } from '@cryo/testkit/chaos';
import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, afterEach, expect, test } from 'vitest';
import { eventually } from '../test/eventually.ts';
import type { PgPoolOptions } from './pg-options.ts';
import { createPgPool, type PgPool } from './pg-pool.ts';

const server = await startPostgres({ flags: ['-c', 'max_connections=14', '-c', 'superuser_reserved_connections=3'] });
afterAll(() => server.remove());

let pool: PgPool;
const poolOf = (options: Partial<PgPoolOptions> = {}): PgPool => {
  pool = createPgPool({ connection: server.url, name: 'outage', size: { min: 0, max: 8 }, ...options });
  return pool;
};
afterEach(() => pool.close({ timeoutMs: 500 }));

async function asAdmin(...statements: string[]): Promise<pg.QueryResult> {
  const admin = new pg.Client(server.url);
  await admin.connect();
  let answer = await admin.query('');
  for (const statement of statements) answer = await admin.query(statement);
  await admin.end();
  return answer;
}

const onServer = async (): Promise<number> =>
  (await asAdmin(`SELECT FROM pg_stat_activity WHERE application_name = 'outage'`)).rowCount ?? 0;

/** So many workers, one statement after the other, until they are told to stop. */
function keepBusy(workers: number) {
  const failures: unknown[] = [];
  let successes = 0;
  let isOver = false;
  const working = Array.from({ length: workers }, async () => {
    while (!isOver) {
      try {
        await pool.query('SELECT pg_sleep(0.001)');
        successes++;
      } catch (error) {
        failures.push(error);
        // Who is refused comes again at the next turn of the event loop, not in the same one.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  });
  return {
    failures,
    successes: () => successes,
    async stop() {
      isOver = true;
      await Promise.all(working);
    },
  };
}

test('after a crash of the server its pool works again by itself, with as many connections as it counts', async () => {
  poolOf();
  const busy = keepBusy(20);
  await eventually(busy.successes).toBeGreaterThan(50);
  await server.kill();
  await eventually(() => busy.failures.length).toBeGreaterThan(0);
  await server.start();
  const before = busy.successes();
  await eventually(busy.successes, { timeout: 10_000 }).toBeGreaterThan(before + 50);
  await busy.stop();
  await eventually(async () => (await onServer()) === pool.snapshot().live).toBe(true);
});

test('when all backends are ended at once, each costs its own statement and no other', async () => {
  poolOf();
  const busy = keepBusy(20);
  await eventually(busy.successes).toBeGreaterThan(50);
  const ended = await asAdmin(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outage'`,
  );
  const before = busy.successes();
  await eventually(busy.successes).toBeGreaterThan(before + 50);
  await busy.stop();
  expect(busy.failures.length).toBeLessThanOrEqual(ended.rowCount ?? 0);
});

test('a server without a place for one more connection makes callers wait, and fails none', async () => {
  await asAdmin(`CREATE ROLE guest LOGIN PASSWORD 'cold-as-ice' CONNECTION LIMIT 3`);
  poolOf({ connection: server.url.replace('//cryo', '//guest') });
  const classes = new Set<string>();
  pool.on('dial-failed', ({ errorClass }) => classes.add(errorClass));
  const busy = keepBusy(30);
  await eventually(busy.successes).toBeGreaterThan(100);
  await busy.stop();
  expect(busy.failures).toEqual([]);
  expect([...classes]).toEqual(['overloaded']);
  expect(pool.snapshot().breaker.state).toBe('closed');
  expect(await onServer()).toBeLessThanOrEqual(3);
});

test('a password that is changed on the server is asked for again, and connections that stand go on', async () => {
  await asAdmin(`CREATE ROLE rotating LOGIN PASSWORD 'old'`);
  let current = 'old';
  const { host, port, database } = server;
  const password = async () => current;
  poolOf({ connection: { host, port, database, user: 'rotating', password } });
  const lease = await pool.acquire();
  await asAdmin(`ALTER ROLE rotating PASSWORD 'new'`);
  current = 'new';
  expect((await pool.query('SELECT current_user AS name')).rows).toEqual([{ name: 'rotating' }]);
  expect((await lease.connection.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  lease.release();
});

test('a network that resets every connection costs what was under way, and nothing is left behind', async () => {
  const proxy = await startProxy({ target: server });
  poolOf({ connection: server.url.replace(String(server.port), String(proxy.port)) });
  const busy = keepBusy(20);
  await eventually(busy.successes).toBeGreaterThan(50);
  proxy.resetLinks();
  const before = busy.successes();
  await eventually(busy.successes).toBeGreaterThan(before + 50);
  await busy.stop();
  expect(busy.failures.length).toBeLessThanOrEqual(8);
  await pool.close();
  await eventually(onServer).toBe(0);
  await proxy.remove();
});
