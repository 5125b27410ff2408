/**
 * Owns the shop as it is written with Kysely on its MySQL dialect.
 * It must never know whose pool it is given.
 */
import { type Generated, Kysely, MysqlDialect } from 'kysely';
import type * as mysql2 from 'mysql2';
import { OutOfStock, type Shop } from './shop.ts';

interface Database {
  item: { id: Generated<number>; name: string; stock: number };
}

export function kyselyShop(pool: mysql2.Pool): Shop {
  const db = new Kysely<Database>({ dialect: new MysqlDialect({ pool }) });
  return {
    async add(name, stock) {
      const { insertId } = await db.insertInto('item').values({ name, stock }).executeTakeFirstOrThrow();
      return { id: Number(insertId), name, stock };
    },
    find: (id) => db.selectFrom('item').selectAll().where('id', '=', id).executeTakeFirst(),
    async rename(id, name) {
      await db.updateTable('item').set({ name }).where('id', '=', id).execute();
    },
    async remove(id) {
      await db.deleteFrom('item').where('id', '=', id).execute();
    },
    move: (from, to, count) =>
      db.transaction().execute(async (trx) => {
        const taken = await trx
          .updateTable('item')
          .set((item) => ({ stock: item('stock', '-', count) }))
          .where('id', '=', from)
          .where('stock', '>=', count)
          .executeTakeFirst();
        if (taken.numUpdatedRows === 0n) throw new OutOfStock();
        await trx
          .updateTable('item')
          .set((item) => ({ stock: item('stock', '+', count) }))
          .where('id', '=', to)
          .execute();
      }),
    async total() {
      const { total } = await db
        .selectFrom('item')
        .select((item) => item.fn.sum<string>('stock').as('total'))
        .executeTakeFirstOrThrow();
      return Number(total);
    },
    end: () => db.destroy(),
  };
}
