/**
 * Owns the case of a connection that is given back twice.
 * It must never know a library.
 */
import { expectThat, presume } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

export const doubleRelease = poolCase({
  name: 'double-release',
  promise: 'A connection that is given back twice is not lent to two at once',
  async run(stage) {
    const pool = stage.start({ max: 1 });
    const [holder] = await stage.take(pool, 1);
    holder?.release();
    await stage.settle();
    holder?.release();
    await stage.settle();
    const asked = [stage.ask(pool), stage.ask(pool)];
    await stage.pass(10);
    const lent = asked.filter(({ isGranted }) => isGranted).length;
    presume(lent >= 1, 'it lent nothing');
    expectThat(lent === 1, 'it was lent to two');
  },
});

export const lateRelease = poolCase({
  name: 'late-release',
  promise: 'A second release, once somebody else has the connection, does not take it from them',
  async run(stage) {
    const pool = stage.start({ max: 1 });
    const [holder] = await stage.take(pool, 1);
    holder?.release();
    await stage.settle();
    const [second, third] = [stage.ask(pool), stage.ask(pool)];
    await stage.pass(10);
    presume(second.isGranted, 'it lent nothing');
    holder?.release();
    await stage.pass(10);
    expectThat(!third.isGranted, 'the connection of the second holder was lent to a third');
  },
});
