/**
 * Owns the loops in which pools are timed. It is imported once per contender, under a query of its own, so that what the engine
 * learns from one pool is not mixed with another; it must never know which one it has.
 */
import type { Connection, Pool } from './subject.ts';

export const DRIVES = { uncontended, contended, drained, used, usedByHand, inTurn } as const;

export type Drives = typeof DRIVES;

/** One caller, again and again: a connection is always idle. */
async function uncontended(pool: Pool, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) pool.release(await pool.acquire());
}

/** So many callers at once, each again and again, with a query that answers at once. */
async function contended(pool: Pool, times: number, callers: number): Promise<void> {
  let left = times;
  const call = async (): Promise<void> => {
    while (left-- > 0) {
      const held = await pool.acquire();
      await undefined;
      pool.release(held);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
}

/** All connections taken, so many requests queued; then the connections come back, and with them the queue is drained. */
async function drained(pool: Pool, max: number, requests: number): Promise<void> {
  const taken = await Promise.all(Array.from({ length: max }, () => pool.acquire()));
  await new Promise<void>((done) => {
    let left = requests;
    const released = () => {
      if (--left === 0) done();
    };
    for (let request = 0; request < requests; request++) once(pool).then(released);
    for (const held of taken) pool.release(held);
  });
}

async function once(pool: Pool): Promise<void> {
  const held = await pool.acquire();
  await undefined;
  pool.release(held);
}

/** The pool's own call around a query, again and again. */
async function used(pool: Pool, times: number, query: (connection: Connection) => Promise<number>): Promise<void> {
  const { use } = pool as Required<Pool>;
  for (let turn = 0; turn < times; turn++) await use(query);
}

/** What the least pool leaves to its caller: acquire, query, release. */
async function usedByHand(
  pool: Pool,
  times: number,
  query: (connection: Connection) => Promise<number>,
): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const held = await pool.acquire();
    await query(held as Connection);
    pool.release(held);
  }
}

/** Many pools that look like one to a single caller: each lease is another pool's. */
function inTurn(pools: readonly Pool[]): Pool {
  let turn = 0;
  const last = (): Pool => pools[turn] as Pool;
  const next = (): Pool => {
    turn = turn + 1 === pools.length ? 0 : turn + 1;
    return last();
  };
  return {
    acquire: () => next().acquire(),
    release: (held) => last().release(held),
    connectionOf: (held) => last().connectionOf(held),
    close: (limitMs) => Promise.all(pools.map((pool) => pool.close(limitMs))),
    ...(last().use !== undefined && { use: (work) => (next() as Required<Pool>).use(work) }),
  };
}
