/**
 * Owns the shop as it is written with Drizzle on node-postgres.
 * It must never know whose pool it is given.
 */
import { and, eq, gte, sql, sum } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { type Item, OutOfStock, type Shop } from './shop.ts';

const item = pgTable('item', {
  id: serial().primaryKey(),
  name: text().notNull(),
  stock: integer().notNull(),
});

export function drizzleShop(pool: pg.Pool): Shop {
  const db = drizzle({ client: pool });
  return {
    async add(name, stock) {
      const [added] = await db.insert(item).values({ name, stock }).returning();
      return added as Item;
    },
    async find(id) {
      const [found] = await db.select().from(item).where(eq(item.id, id));
      return found;
    },
    async rename(id, name) {
      await db.update(item).set({ name }).where(eq(item.id, id));
    },
    async remove(id) {
      await db.delete(item).where(eq(item.id, id));
    },
    move: (from, to, count) =>
      db.transaction(async (tx) => {
        const taken = await tx
          .update(item)
          .set({ stock: sql`${item.stock} - ${count}` })
          .where(and(eq(item.id, from), gte(item.stock, count)));
        if (taken.rowCount === 0) throw new OutOfStock();
        await tx
          .update(item)
          .set({ stock: sql`${item.stock} + ${count}` })
          .where(eq(item.id, to));
      }),
    async total() {
      const [row] = await db.select({ total: sum(item.stock) }).from(item);
      return Number(row?.total);
    },
    end: () => pool.end(),
  };
}
