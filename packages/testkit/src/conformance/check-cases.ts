/**
 * Owns the cases about checks and watches: how a driver notices that a connection is dead.
 * It must never know what a caller's work makes of it.
 */
import type { ConformanceCase } from './case.ts';
import { attempt } from './trial.ts';

export const checkCases: readonly ConformanceCase[] = [
  {
    id: 'check-passes',
    sentence: 'passes the check of a healthy connection as often as asked, and leaves it usable',
    async run(trial) {
      const connection = await trial.open();
      for (let turn = 0; turn < 3; turn++) await trial.check(connection);
      await trial.within('a use after the checks', trial.subject.use(connection));
    },
  },
  {
    id: 'check-dead',
    sentence: 'rejects the check of a connection that the server has ended',
    needs: ['breakConnection'],
    async run(trial) {
      const connection = await trial.open();
      await trial.within(
        'breakConnection',
        attempt(() => trial.subject.breakConnection?.(connection)),
      );
      await trial.rejection(
        'check() of a dead connection',
        attempt(() => trial.driver.check(connection, trial.context())),
      );
    },
  },
  {
    id: 'check-destroyed',
    sentence: 'rejects the check of a connection that was destroyed',
    async run(trial) {
      const connection = await trial.open();
      trial.end(connection);
      await trial.rejection(
        'check() of a destroyed connection',
        attempt(() => trial.driver.check(connection, trial.context())),
      );
    },
  },
  {
    id: 'check-hung',
    sentence: 'ends a check that hangs when its connection is destroyed',
    needs: ['silence'],
    async run(trial) {
      const connection = await trial.open();
      const speak = await trial.subject.silence?.(connection);
      try {
        const checking = attempt(() => trial.driver.check(connection, trial.context()));
        checking.catch(() => {});
        await trial.pause(20);
        trial.end(connection);
        await trial.rejection('a hung check() of a connection that is destroyed', checking);
      } finally {
        await speak?.();
      }
    },
  },
  {
    id: 'watch-tells',
    sentence: 'tells the watch of a connection that the server has ended, and of no other',
    needs: ['watch', 'breakConnection'],
    async run(trial) {
      const [broken, whole] = [await trial.open(), await trial.open()];
      let told = 0;
      let toldOfWhole = 0;
      const unwatch = trial.driver.watch?.(broken, () => told++);
      const unwatchWhole = trial.driver.watch?.(whole, () => toldOfWhole++);
      await trial.within(
        'breakConnection',
        attempt(() => trial.subject.breakConnection?.(broken)),
      );
      await trial.until('the watch has not told of a broken connection', () => told > 0);
      trial.end(broken);
      unwatch?.();
      trial.expect(toldOfWhole === 0, 'the watch of a healthy connection told that it broke');
      trial.end(whole);
      unwatchWhole?.();
    },
  },
  {
    id: 'watch-ends',
    sentence: 'tells a watch nothing more once it was removed, and removes it twice without harm',
    needs: ['watch'],
    async run(trial) {
      const connection = await trial.open();
      let told = 0;
      const unwatch = trial.driver.watch?.(connection, () => told++);
      trial.expect(typeof unwatch === 'function', 'watch() did not answer the function that removes the watch');
      trial.end(connection);
      unwatch?.();
      unwatch?.();
      told = 0;
      await trial.pause(50);
      trial.expect(told === 0, 'a watch told something after it was removed');
    },
  },
  {
    id: 'broken-quietly',
    sentence: 'lets nothing escape to the process when a connection breaks that nobody uses',
    needs: ['breakConnection'],
    async run(trial) {
      const connection = await trial.open();
      const unwatch = trial.driver.watch?.(connection, () => {});
      await trial.within(
        'breakConnection',
        attempt(() => trial.subject.breakConnection?.(connection)),
      );
      await trial.pause(50);
      trial.end(connection);
      unwatch?.();
      await trial.pause(50);
    },
  },
];
