import { startMariadb } from '@cryo/testkit/servers';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { drizzleShop } from '../test/orms/drizzle-shop.ts';
import { kyselyShop } from '../test/orms/kysely-shop.ts';
import { OutOfStock, SCHEMA, type Shop } from '../test/orms/shop.ts';
import { createPool } from './mysql2-compatible.ts';

const server = await startMariadb();
const admin = await createConnection(server.url);
beforeAll(() => admin.query(SCHEMA));
beforeEach(() => admin.query('TRUNCATE item'));
afterAll(async () => {
  await admin.end();
  await server.remove();
});

const WORKERS = 20;
const MOVES = 25;

async function connections(): Promise<readonly number[]> {
  const [rows] = await admin.query<RowDataPacket[]>(
    "SELECT id AS id FROM information_schema.processlist WHERE user = 'cryo' AND id <> connection_id()",
  );
  return rows.map(({ id }) => Number(id));
}

describe.each([
  { orm: 'Kysely', shopOf: kyselyShop },
  { orm: 'Drizzle', shopOf: drizzleShop },
])('$orm', ({ shopOf }) => {
  const withShop = async (work: (shop: Shop) => Promise<void>): Promise<void> => {
    const shop = shopOf(createPool({ uri: server.url, connectionLimit: 5 }));
    try {
      await work(shop);
    } finally {
      await shop.end();
    }
    await expect.poll(connections).toEqual([]);
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

  test('goes on after its connections were killed in the middle, and loses nothing that was committed', () =>
    withShop(async (shop) => {
      const items: number[] = [];
      for (let index = 0; index < 10; index++) items.push((await shop.add(`item ${index}`, 1_000)).id);
      const working = Promise.all(Array.from({ length: WORKERS }, moving(shop, items)));
      const moved = async () => ((await shop.find(items.at(-1) ?? 0).catch(() => undefined))?.stock ?? 0) > 1_020;
      await expect.poll(moved, { interval: 2, timeout: 10_000 }).toBe(true);
      const killed = await connections();
      for (const id of killed) await admin.query(`KILL ${id}`).catch(() => {});
      const failures = (await working).flat();
      expect(killed.length).toBeGreaterThan(0);
      // At most what was under way on each connection that was killed.
      expect(failures.length).toBeLessThanOrEqual(killed.length);
      expect(await shop.total()).toBe(10_000);
      const arrived = ((await shop.find(items.at(-1) ?? 0))?.stock ?? 0) - 1_000;
      expect(arrived).toBeGreaterThanOrEqual(WORKERS * MOVES - failures.length);
    }));
});
