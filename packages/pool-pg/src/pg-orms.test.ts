import { startPostgres } from '@cryo/testkit/servers';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../test/eventually.ts';
import { drizzleShop } from '../test/orms/drizzle-shop.ts';
import { kyselyShop } from '../test/orms/kysely-shop.ts';
import { OutOfStock, SCHEMA, type Shop } from '../test/orms/shop.ts';
import { Pool } from './pg-compatible.ts';

const server = await startPostgres();
const admin = new pg.Client(server.url);
beforeAll(async () => {
  await admin.connect();
  await admin.query(SCHEMA);
});
beforeEach(() => admin.query('TRUNCATE item RESTART IDENTITY'));
afterAll(async () => {
  await admin.end();
  await server.remove();
});

const WORKERS = 20;
const MOVES = 25;

describe.each([
  { orm: 'Kysely', shopOf: kyselyShop },
  { orm: 'Drizzle', shopOf: drizzleShop },
])('$orm', ({ shopOf }) => {
  const withShop = async (work: (shop: Shop) => Promise<void>): Promise<void> => {
    const shop = shopOf(new Pool({ connectionString: server.url, max: 5, application_name: 'shop' }));
    try {
      await work(shop);
    } finally {
      await shop.end();
    }
    const left = () => admin.query(`SELECT FROM pg_stat_activity WHERE application_name = 'shop'`);
    await eventually(async () => (await left()).rowCount).toBe(0);
  };

  const moving = (shop: Shop, items: readonly number[]) => async (_: unknown, worker: number) => {
    const failures: unknown[] = [];
    for (let turn = 0; turn < MOVES; turn++) {
      // One direction, so that no two transactions wait for each other.
      const from = items[(worker + turn) % (items.length - 1)] ?? 0;
      await shop.move(from, items.at(-1) ?? 0, 1).catch((error) => failures.push(error));
    }
    return failures;
  };

  test('creates, reads, updates and deletes', () =>
    withShop(async (shop) => {
      const { id } = await shop.add('DMSO', 3);
      expect(await shop.find(id)).toEqual({ id, name: 'DMSO', stock: 3 });
      await shop.rename(id, 'glycerol');
      expect(await shop.find(id)).toEqual({ id, name: 'glycerol', stock: 3 });
      await shop.remove(id);
      expect(await shop.find(id)).toBeUndefined();
    }));

  test('commits a transaction that works and rolls back one that does not', () =>
    withShop(async (shop) => {
      const [here, there] = [await shop.add('here', 5), await shop.add('there', 0)];
      await shop.move(here.id, there.id, 2);
      await expect(shop.move(here.id, there.id, 4)).rejects.toThrow(OutOfStock);
      expect([(await shop.find(here.id))?.stock, (await shop.find(there.id))?.stock]).toEqual([3, 2]);
    }));

  test('serves many workers from few connections, each transaction whole', () =>
    withShop(async (shop) => {
      const items: number[] = [];
      for (let index = 0; index < 10; index++) items.push((await shop.add(`item ${index}`, 1_000)).id);
      const failures = await Promise.all(Array.from({ length: WORKERS }, moving(shop, items)));
      expect(failures.flat()).toEqual([]);
      expect(await shop.total()).toBe(10_000);
      expect((await shop.find(items.at(-1) ?? 0))?.stock).toBe(1_000 + WORKERS * MOVES);
    }));

  test('goes on after its backends were killed in the middle, and loses nothing that was committed', () =>
    withShop(async (shop) => {
      const items: number[] = [];
      for (let index = 0; index < 10; index++) items.push((await shop.add(`item ${index}`, 1_000)).id);
      const working = Promise.all(Array.from({ length: WORKERS }, moving(shop, items)));
      const moved = async () => ((await shop.find(items.at(-1) ?? 0).catch(() => undefined))?.stock ?? 0) > 1_020;
      await eventually(moved, { interval: 2, timeout: 10_000 }).toBe(true);
      const killed = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop'`,
      );
      const failures = (await working).flat();
      expect(killed.rowCount).toBeGreaterThan(0);
      // At most what was under way on each connection that was killed.
      expect(failures.length).toBeLessThanOrEqual(killed.rowCount ?? 0);
      expect(await shop.total()).toBe(10_000);
      const arrived = ((await shop.find(items.at(-1) ?? 0))?.stock ?? 0) - 1_000;
      expect(arrived).toBeGreaterThanOrEqual(WORKERS * MOVES - failures.length);
    }));
});
