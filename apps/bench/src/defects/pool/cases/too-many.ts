/**
 * Owns the case of a pool that keeps some connections idle, with all of them in use.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const MAX = 2;

export const tooMany = poolCase({
  name: 'too-many',
  promise: 'There are never more connections than the maximum, whatever should be kept idle',
  async run(stage) {
    const pool = stage.start({ max: MAX, min: MAX, minIdle: MAX });
    await stage.take(pool, MAX);
    await stage.pass(5_000);
    const { standing } = stage.server;
    expectThat(standing <= MAX, `with a maximum of ${MAX} there are ${standing}`);
  },
});
