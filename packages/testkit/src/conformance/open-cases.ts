/**
 * Owns the cases about dialing: connections that work, and dials that are given up.
 * It must never know how an error is classified.
 */
import type { ConformanceCase } from './case.ts';
import { attempt } from './trial.ts';

/** After how long a dial is given up on, in ms: before it began, and in the midst of it. */
const ABORTED_AFTER_MS = [0, 1, 2, 5, 10] as const;

export const openCases: readonly ConformanceCase[] = [
  {
    id: 'open-works',
    sentence: 'opens a connection that can be used, and that its check finds in order',
    async run(trial) {
      const connection = await trial.open();
      await trial.within('the first use', trial.subject.use(connection));
      await trial.check(connection);
    },
  },
  {
    id: 'open-separate',
    sentence: 'opens connections that live apart: the end of one leaves the other whole',
    async run(trial) {
      const [one, other] = await Promise.all([trial.open(), trial.open()]);
      trial.expect(one !== other, 'two dials gave the same connection');
      trial.end(one);
      await trial.within('a use of the other connection', trial.subject.use(other));
    },
  },
  {
    id: 'open-aborted',
    sentence:
      'settles a dial whose signal aborts, and what it brings after all can be destroyed; nothing is left behind',
    async run(trial) {
      for (const afterMs of ABORTED_AFTER_MS) {
        const context = trial.context();
        if (afterMs === 0) context.abort(new Error('given up before it began'));
        const dialing = attempt(() => trial.driver.open(context));
        dialing.catch(() => {});
        if (afterMs > 0) {
          await trial.pause(afterMs);
          context.abort(new Error('given up'));
        }
        const outcome = await trial.settles(`open() given up after ${afterMs} ms`, dialing);
        if (outcome === 'resolved') trial.driver.destroy(await dialing);
      }
      await trial.leavesNothing();
    },
  },
  {
    id: 'open-silent',
    sentence: 'ends a dial to a silent server when its signal aborts',
    needs: ['createSilent'],
    async run(trial) {
      const driver = trial.subject.createSilent?.() ?? trial.driver;
      const context = trial.context();
      const dialing = attempt(() => driver.open(context));
      dialing.catch(() => {});
      await trial.pause(50);
      context.abort(new Error('given up'));
      await trial.rejection('open() to a silent server, aborted,', dialing);
    },
  },
];
