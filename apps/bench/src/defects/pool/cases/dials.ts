/**
 * Owns the cases of dials that take their time.
 * It must never know a library.
 */
import { expectThat, presume } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const MAX = 2;
const TIMEOUT_MS = 5_000;
const DIAL_TIMEOUT_MS = 1_000;
const LONG_MS = 60_000;

export const boundToItsDial = poolCase({
  name: 'bound-to-its-dial',
  promise: 'A request takes the first connection that comes free, and does not wait for a dial that hangs',
  async run(stage) {
    stage.server.answerDial = (dial) => (dial === 1 ? Promise.resolve() : new Promise(() => {}));
    const pool = stage.start({ max: 2 });
    const [holder] = await stage.take(pool, 1);
    const asked = stage.ask(pool);
    await stage.pass(50);
    presume(stage.server.dials <= 2, 'it dialed more than it may');
    holder?.release();
    await stage.pass(50);
    expectThat(asked.isGranted, 'it waits for its dial beside an idle connection');
  },
});

export const oneHungDial = poolCase({
  name: 'one-hung-dial',
  promise: 'One dial that hangs does not keep the pool from opening others',
  async run(stage) {
    stage.server.answerDial = (dial) => (dial === 1 ? new Promise(() => {}) : Promise.resolve());
    const pool = stage.start({ max: 5 });
    const asked = Array.from({ length: 5 }, () => stage.ask(pool));
    await stage.pass(2_000);
    const served = asked.filter(({ isGranted }) => isGranted).length;
    expectThat(served === 4, `after 2 s ${served} of the 4 that are possible are there`);
  },
});

export const hungDialPlace = poolCase({
  name: 'hung-dial-place',
  promise: 'A dial that never ends costs no place for ever',
  needs: ['isGivenDial'],
  async run(stage) {
    stage.server.answerDial = (dial) => (dial === 1 ? new Promise(() => {}) : Promise.resolve());
    const pool = stage.start({ max: MAX, acquireTimeoutMs: TIMEOUT_MS, serverTimeoutMs: DIAL_TIMEOUT_MS });
    const unlucky = stage.ask(pool);
    await stage.pass(LONG_MS);
    if (unlucky.isGranted) unlucky.release();
    await stage.settle();
    const later = Array.from({ length: MAX }, () => stage.ask(pool));
    await stage.pass(TIMEOUT_MS * 2);
    const lost = later.filter(({ isGranted }) => !isGranted).length;
    expectThat(lost === 0, `a minute later ${lost} of ${MAX} places are lost`);
  },
});
