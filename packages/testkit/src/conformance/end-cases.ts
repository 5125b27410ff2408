/**
 * Owns the cases about the end of a connection: polite, immediate, twice, and in the middle of something.
 * It must never know why a connection ends.
 */
import type { ConformanceCase } from './case.ts';
import { attempt, describe } from './trial.ts';

export const endCases: readonly ConformanceCase[] = [
  {
    id: 'close-ends',
    sentence: 'closes a connection: it can not be used any more, and the server is rid of it',
    async run(trial) {
      const connection = await trial.open();
      await trial.close(connection);
      await trial.rejection(
        'a use after close()',
        attempt(() => trial.subject.use(connection)),
      );
      await trial.leavesNothing();
    },
  },
  {
    id: 'end-twice',
    sentence: 'may be asked to end a connection again, in either way, and harms nothing',
    async run(trial) {
      const [closed, destroyed] = [await trial.open(), await trial.open()];
      await trial.close(closed);
      trial.driver.destroy(closed);
      trial.driver.destroy(closed);
      trial.driver.destroy(destroyed);
      trial.driver.destroy(destroyed);
      for (const connection of [closed, destroyed]) {
        await trial.settles(
          'close() of a connection that has ended',
          attempt(() => trial.driver.close(connection, trial.context())),
        );
      }
    },
  },
  {
    id: 'close-dead',
    sentence: 'settles the close of a connection that the server has ended',
    needs: ['breakConnection'],
    async run(trial) {
      const connection = await trial.open();
      await trial.within(
        'breakConnection',
        attempt(() => trial.subject.breakConnection?.(connection)),
      );
      await trial.settles(
        'close() of a dead connection',
        attempt(() => trial.driver.close(connection, trial.context())),
      );
    },
  },
  {
    id: 'close-hung',
    sentence: 'ends a close that hangs when its connection is destroyed',
    needs: ['silence'],
    async run(trial) {
      const connection = await trial.open();
      const speak = await trial.subject.silence?.(connection);
      try {
        const closing = attempt(() => trial.driver.close(connection, trial.context()));
        closing.catch(() => {});
        await trial.pause(20);
        trial.end(connection);
        await trial.settles('a hung close() of a connection that is destroyed', closing);
      } finally {
        await speak?.();
      }
    },
  },
  {
    id: 'destroy-now',
    sentence: 'destroys a connection at once: no promise, no throw, no further use, and the server is rid of it',
    async run(trial) {
      const connection = await trial.open();
      const answer: unknown = trial.driver.destroy(connection);
      trial.expect(answer === undefined, `destroy() answered ${describe(answer)}; it has to be done when it returns`);
      await trial.rejection(
        'a use after destroy()',
        attempt(() => trial.subject.use(connection)),
      );
      await trial.leavesNothing();
    },
  },
  {
    id: 'destroy-in-use',
    sentence: 'settles what a caller is waiting for when its connection is destroyed',
    async run(trial) {
      const connection = await trial.open();
      const using = attempt(() => trial.subject.use(connection));
      using.catch(() => {});
      trial.end(connection);
      await trial.settles('a use whose connection is destroyed', using);
    },
  },
  {
    id: 'ref-unref',
    sentence: 'lets a connection work on whether or not it keeps the process alive, and minds neither after its end',
    needs: ['ref'],
    async run(trial) {
      const { driver } = trial;
      trial.expect(driver.unref !== undefined, 'there is ref() without unref()');
      const connection = await trial.open();
      driver.unref?.(connection);
      driver.unref?.(connection);
      driver.ref?.(connection);
      await trial.within('a use after unref() and ref()', trial.subject.use(connection));
      trial.end(connection);
      driver.unref?.(connection);
      driver.ref?.(connection);
    },
  },
];
