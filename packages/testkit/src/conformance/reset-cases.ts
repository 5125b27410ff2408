/**
 * Owns the cases about resets: nothing of one lease is there in the next.
 * It must never know what a session of this server consists of; the author's stains say so.
 */
import type { ConformanceCase } from './case.ts';
import type { Stain } from './subject.ts';
import { attempt, type Trial } from './trial.ts';

export const resetCases: readonly ConformanceCase[] = [
  {
    id: 'reset-clean',
    sentence: 'resets a clean connection as often as asked, and leaves it usable',
    needs: ['reset'],
    async run(trial) {
      const connection = await trial.open();
      for (let turn = 0; turn < 3; turn++) await reset(trial, connection);
      await trial.within('a use after the resets', trial.subject.use(connection));
    },
  },
  {
    id: 'reset-washes',
    sentence: 'takes every stain off a session, each alone and all together',
    needs: ['reset', 'stains'],
    async run(trial) {
      const stains = Object.entries(trial.subject.stains ?? {});
      for (const stain of stains) await wash(trial, [stain]);
      await wash(trial, stains);
    },
  },
  {
    id: 'reset-dead',
    sentence: 'does not call a stained connection clean that the server has ended',
    needs: ['reset', 'stains', 'breakConnection'],
    async run(trial) {
      const connection = await trial.open();
      for (const [name, { leave }] of Object.entries(trial.subject.stains ?? {}))
        await trial.within(name, leave(connection));
      await trial.within(
        'breakConnection',
        attempt(() => trial.subject.breakConnection?.(connection)),
      );
      await trial.rejection(
        'reset() of a dead connection',
        attempt(() => trial.driver.reset?.(connection, trial.context())),
      );
    },
  },
  {
    id: 'reset-hung',
    sentence: 'ends a reset that hangs when its connection is destroyed',
    needs: ['reset', 'stains', 'silence'],
    async run(trial) {
      const connection = await trial.open();
      for (const [name, { leave }] of Object.entries(trial.subject.stains ?? {}))
        await trial.within(name, leave(connection));
      const speak = await trial.subject.silence?.(connection);
      try {
        const resetting = attempt(() => trial.driver.reset?.(connection, trial.context()));
        resetting.catch(() => {});
        await trial.pause(20);
        trial.end(connection);
        await trial.rejection('a hung reset() of a connection that is destroyed', resetting);
      } finally {
        await speak?.();
      }
    },
  },
];

async function wash<Connection>(
  trial: Trial<Connection>,
  stains: readonly (readonly [string, Stain<Connection>])[],
): Promise<void> {
  const connection = await trial.open();
  const look = async (): Promise<readonly string[]> => {
    const seen: string[] = [];
    for (const [name, { inspect }] of stains) seen.push(JSON.stringify(await trial.within(name, inspect(connection))));
    return seen;
  };
  const before = await look();
  for (const [name, { leave }] of stains) await trial.within(name, leave(connection));
  const stained = await look();
  await reset(trial, connection);
  const after = await look();
  for (const [index, [name]] of stains.entries()) {
    trial.expect(
      before[index] !== stained[index],
      `the stain '${name}' can not be seen: inspect() shows ${stained[index]}`,
    );
    trial.expect(
      before[index] === after[index],
      `'${name}' is there after reset(): ${after[index]}, not ${before[index]}`,
    );
  }
  trial.end(connection);
}

async function reset<Connection>(trial: Trial<Connection>, connection: Connection): Promise<void> {
  await trial.within(
    'reset()',
    attempt(() => trial.driver.reset?.(connection, trial.context())),
  );
}
