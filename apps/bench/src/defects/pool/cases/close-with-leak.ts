/**
 * Owns the cases of a pool that is closed while somebody has lost a connection of it.
 * It must never know a library.
 */
import { Watched } from '../../call.ts';
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const LIMIT_MS = 200;
const LONG_MS = 60_000;

export const closeEndsDespiteLeak = poolCase({
  name: 'close-ends-despite-leak',
  promise: 'Closing ends, by a time limit, although one connection is never given back',
  async run(stage) {
    const pool = stage.start({ max: 2 });
    await stage.take(pool, 1);
    const closing = new Watched(pool.close(LIMIT_MS));
    await stage.pass(LONG_MS);
    expectThat(closing.ending.kind !== 'pending', `it has not ended after ${LONG_MS / 1_000} s`);
  },
});

export const closeEndsTheLeaked = poolCase({
  name: 'close-ends-the-leaked',
  promise: 'A closed pool leaves no connection open, not even one that is never given back',
  async run(stage) {
    const pool = stage.start({ max: 2 });
    const [holder] = await stage.take(pool, 1);
    const { connection } = holder ?? {};
    pool.close(LIMIT_MS).catch(() => {});
    await stage.pass(LONG_MS);
    const isClosed = connection !== undefined && stage.server.closed.has(connection);
    expectThat(isClosed, `${LONG_MS / 1_000} s later it is still open`);
  },
});
