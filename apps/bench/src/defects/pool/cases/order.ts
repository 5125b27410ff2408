/**
 * Owns the cases of who is served first.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

export const barging = poolCase({
  name: 'barging',
  promise: 'Somebody who asks at the moment at which a connection comes back does not overtake those who wait',
  async run(stage) {
    const pool = stage.start({ max: 1 });
    const [holder] = await stage.take(pool, 1);
    const waiting = [stage.ask(pool), stage.ask(pool), stage.ask(pool)];
    await stage.settle();
    holder?.release();
    const newcomer = stage.ask(pool);
    await stage.settle();
    expectThat(!newcomer.isGranted, `the newcomer was served before ${waiting.length} who waited`);
  },
});

export const arrival = poolCase({
  name: 'arrival',
  promise: 'Those who wait are served in the order of their arrival',
  async run(stage) {
    const pool = stage.start({ max: 1 });
    const [holder] = await stage.take(pool, 1);
    const waiting = Array.from({ length: 5 }, () => stage.ask(pool));
    await stage.settle();
    let last = holder;
    for (const next of waiting) {
      last?.release();
      await stage.pass(10);
      expectThat(next.isGranted, 'somebody else was served');
      last = next;
    }
  },
});
