/**
 * Owns the cases of requests that wait while the pool is closed.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const LIMIT_MS = 200;
const LONG_MS = 60_000;

export const closeAnswersWaiters = poolCase({
  name: 'close-answers-waiters',
  promise: 'Whoever waits when the pool is closed gets an answer, at the latest once the holders are done',
  async run(stage) {
    const pool = stage.start({ max: 1 });
    const [holder] = await stage.take(pool, 1);
    const waiter = stage.ask(pool);
    await stage.settle();
    pool.close(LONG_MS).catch(() => {});
    await stage.pass(1_000);
    holder?.release();
    await stage.pass(LONG_MS);
    expectThat(!waiter.isPending, 'it waits for ever');
  },
});

export const closeTellsWaitersNow = poolCase({
  name: 'close-tells-waiters-now',
  promise: 'Whoever waits when the pool is closed is told so at once, however long a holder takes',
  async run(stage) {
    const pool = stage.start({ max: 1 });
    await stage.take(pool, 1);
    const waiter = stage.ask(pool);
    await stage.settle();
    pool.close(LIMIT_MS).catch(() => {});
    await stage.pass(LIMIT_MS * 2);
    expectThat(!waiter.isPending, 'it is not told while a connection is held');
  },
});
