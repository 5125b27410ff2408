/**
 * Owns the cases of a check that fails in a way of its own.
 * It must never know a library.
 */
import { expectThat, presume } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';
import type { Stage } from '../stage.ts';

const MAX = 2;
const TIMEOUT_MS = 5_000;
const CHECK_TIMEOUT_MS = 1_000;
const LONG_MS = 60_000;

export const throwingCheck = poolCase({
  name: 'throwing-check',
  promise: 'A check that rejects raises no unhandled rejection and costs no place',
  needs: ['checksOnBorrow'],
  run: (stage) => survive(stage, () => Promise.reject(new Error('the connection is dead'))),
});

export const hangingCheck = poolCase({
  name: 'hanging-check',
  promise: 'A check that never ends costs no place for ever',
  needs: ['checksOnBorrow'],
  run: (stage) => survive(stage, () => new Promise(() => {})),
});

/** One check goes wrong, all others are well; a minute later every connection can be had again. */
async function survive(stage: Stage, answerFirst: () => Promise<void>): Promise<void> {
  const limits = { acquireTimeoutMs: TIMEOUT_MS, serverTimeoutMs: CHECK_TIMEOUT_MS };
  const pool = stage.start({ max: MAX, checks: 'on-borrow', failedCheck: 'rejected', ...limits });
  for (const holder of await stage.take(pool, MAX)) holder.release();
  await stage.settle();
  let checks = 0;
  stage.server.answerCheck = () => (checks++ === 0 ? answerFirst() : Promise.resolve());
  const unlucky = stage.ask(pool);
  await stage.pass(LONG_MS);
  presume(checks > 0, 'it did not check the connection');
  if (unlucky.isGranted) unlucky.release();
  await stage.settle();
  const later = Array.from({ length: MAX }, () => stage.ask(pool));
  await stage.pass(TIMEOUT_MS * 2);
  const lost = later.filter(({ isGranted }) => !isGranted).length;
  expectThat(lost === 0, `a minute later ${lost} of ${MAX} places are lost`);
  const [accident] = stage.world.accidents;
  expectThat(accident === undefined, `${accident}`);
}
