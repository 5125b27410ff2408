import { startPostgres } from '@cryo/testkit/servers';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createPgPool, type PgPool } from './pg-pool.ts';

const server = await startPostgres();
afterAll(() => server.remove());

let pool: PgPool;
afterEach(() => pool.close({ timeoutMs: 100 }));

test('statements of one lease may be sent without waiting for each other, and what is left of them reaches nobody else', async () => {
  // pg's own option, which its types do not know yet.
  const connection = Object.assign({ connectionString: server.url }, { pipeline: true });
  pool = createPgPool({ connection, size: { min: 1, max: 1 } });
  await pool.query('CREATE TABLE sent (id int)');
  const answers = await pool.use((client) =>
    Promise.all([client.query('SELECT 1 AS a'), client.query('SELECT 2 AS a')]),
  );
  expect(answers.map(({ rows }) => rows[0].a)).toEqual([1, 2]);

  const lease = await pool.acquire();
  const left = ['BEGIN', 'INSERT INTO sent VALUES (1)', 'SELECT pg_sleep(0.1)', 'INSERT INTO sent VALUES (2)'];
  const underway = left.map((statement) => lease.connection.query(statement));
  lease.release();
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM sent');
  expect(rows).toEqual([{ count: 0 }]);
  await Promise.all(underway);

  await pool.transaction((client) =>
    Promise.all([client.query('INSERT INTO sent VALUES (3)'), client.query('INSERT INTO sent VALUES (4)')]),
  );
  expect((await pool.query('SELECT id FROM sent ORDER BY id')).rows).toEqual([{ id: 3 }, { id: 4 }]);
});

test('a statement that was prepared is prepared still after its session was cleaned', async () => {
  pool = createPgPool({ connection: server.url, size: { min: 1, max: 1 }, resetLevel: 'session' });
  for (const value of [1, 2]) await pool.query({ name: 'kept', text: 'SELECT $1::int AS a', values: [value] });
  const { rows } = await pool.query(
    'SELECT name, (generic_plans + custom_plans)::int AS runs FROM pg_prepared_statements',
  );
  expect(rows).toEqual([{ name: 'kept', runs: 2 }]);
});
