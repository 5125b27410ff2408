/**
 * Owns the case of a dial that throws where it should reject.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const MAX = 2;
const TIMEOUT_MS = 2_000;

export const throwingDial = poolCase({
  name: 'throwing-dial',
  promise: 'A dial that throws at once makes no acquire throw and costs no place',
  needs: ['isGivenDial'],
  async run(stage) {
    stage.server.answerDial = (dial) => {
      if (dial <= MAX) throw new Error('the password is not a string');
      return Promise.resolve();
    };
    const pool = stage.start({ max: MAX, acquireTimeoutMs: TIMEOUT_MS });
    const unlucky = Array.from({ length: MAX }, () => stage.ask(pool));
    await stage.pass(TIMEOUT_MS * 2);
    for (const asked of unlucky) if (asked.isGranted) asked.release();
    await stage.settle();
    const later = Array.from({ length: MAX }, () => stage.ask(pool));
    await stage.pass(TIMEOUT_MS * 2);
    const lost = later.filter(({ isGranted }) => !isGranted).length;
    expectThat(lost === 0, `${lost} of ${MAX} places are lost`);
    expectThat(
      unlucky.every(({ thrown }) => thrown === undefined),
      'acquire threw instead of answering with a promise',
    );
    const [accident] = stage.world.accidents;
    expectThat(accident === undefined, `${accident}`);
  },
});
