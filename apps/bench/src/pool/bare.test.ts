import { expect, test } from 'vitest';
import { READY_SERVER } from './server.ts';
import { bare } from './subjects/bare.ts';

test('the bare pool lends each connection to one holder, and then in order of arrival', async () => {
  const pool = bare.start({ server: READY_SERVER, max: 1 });
  const first = await pool.acquire();
  const order: string[] = [];
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    const held = await pool.acquire();
    order.push(name);
    expect(held).toBe(first);
    pool.release(held);
  });
  expect(order).toEqual([]);
  pool.release(first);
  await Promise.all(waiting);
  expect(order).toEqual(['a', 'b', 'c']);
});
