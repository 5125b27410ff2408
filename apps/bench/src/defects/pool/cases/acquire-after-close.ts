/**
 * Owns the case of an acquire that comes too late.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const TIMEOUT_MS = 5_000;

export const acquireAfterClose = poolCase({
  name: 'acquire-after-close',
  promise: 'An acquire from a pool that was closed is refused at once',
  async run(stage) {
    const pool = stage.start({ max: 1, acquireTimeoutMs: TIMEOUT_MS });
    const [holder] = await stage.take(pool, 1);
    holder?.release();
    await stage.settle();
    pool.close(TIMEOUT_MS).catch(() => {});
    await stage.pass(1_000);
    const late = stage.ask(pool);
    await stage.pass(1);
    expectThat(!late.isGranted, 'it lent a connection');
    expectThat(late.isRefused, 'it waits');
  },
});
