/**
 * Owns the shop as it is written with Drizzle on mysql2.
 * It must never know whose pool it is given.
 */
import { and, eq, gte, sql, sum } from 'drizzle-orm';
import { int, mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { drizzle } from 'drizzle-orm/mysql2';
import type * as mysql2 from 'mysql2';
import { OutOfStock, type Shop } from './shop.ts';

const item = mysqlTable('item', {
  id: int().primaryKey().autoincrement(),
  name: varchar({ length: 40 }).notNull(),
  stock: int().notNull(),
});

export function drizzleShop(pool: mysql2.Pool): Shop {
  const db = drizzle({ client: pool });
  return {
    async add(name, stock) {
      const [added] = await db.insert(item).values({ name, stock }).$returningId();
      return { id: added?.id ?? 0, name, stock };
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
        const [taken] = await tx
          .update(item)
          .set({ stock: sql`${item.stock} - ${count}` })
          .where(and(eq(item.id, from), gte(item.stock, count)));
        if (taken.affectedRows === 0) throw new OutOfStock();
        await tx
          .update(item)
          .set({ stock: sql`${item.stock} + ${count}` })
          .where(eq(item.id, to));
      }),
    async total() {
      const [row] = await db.select({ total: sum(item.stock) }).from(item);
      return Number(row?.total);
    },
    end: () => pool.promise().end(),
  };
}
