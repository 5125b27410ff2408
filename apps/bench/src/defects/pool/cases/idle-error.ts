/**
 * Owns the cases of a connection that breaks while nobody uses it.
 * It must never know a library.
 */
import { nextTick } from 'node:process';
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';
import type { Stage } from '../stage.ts';

export const idleError = poolCase({
  name: 'idle-error',
  promise: 'A connection that breaks while it lies idle does not end the process',
  needs: ['hearsIdleErrors'],
  async run(stage) {
    await breakIdle(stage);
    const [accident] = stage.world.accidents;
    expectThat(accident === undefined, `nobody having asked to be told, the process ends: ${accident}`);
  },
});

export const idleErrorLent = poolCase({
  name: 'idle-error-lent',
  promise: 'A connection that broke while it lay idle is not lent again',
  needs: ['hearsIdleErrors'],
  async run(stage) {
    const { pool, broken } = await breakIdle(stage);
    const next = stage.ask(pool);
    await stage.pass(1_000);
    expectThat(next.isGranted, 'nothing is lent any more');
    expectThat(next.connection !== broken, 'the broken one was lent');
  },
});

async function breakIdle(stage: Stage) {
  const pool = stage.start({ max: 1 });
  const [holder] = await stage.take(pool, 1);
  const broken = holder?.connection;
  holder?.release();
  await stage.pass(1);
  // From outside of every caller, as a socket does.
  nextTick(() => broken?.broken?.(new Error('read ECONNRESET')));
  await stage.pass(1);
  return { pool, broken };
}
