/**
 * Owns the cases of a server that refuses every dial.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';
import type { Asked, Stage } from '../stage.ts';

const WAITERS = 5;
const TIMEOUT_MS = 2_000;
const OUTAGE_MS = 3_000;
const CALLERS = 1_000;
const TOLERATED_DIALS = 60;
const LONG_OUTAGE_MS = 20_000;
const BACK_MS = 2_000;
const CALL_EVERY_MS = 100;

const refused = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1:5432'));

export const refusedAtOnce = poolCase({
  name: 'refused-at-once',
  promise: 'Requests end, by their time limit at the latest, although every dial is refused at once',
  async run(stage) {
    stage.server.answerDial = refused;
    const asked = await askAll(stage);
    const waiting = asked.filter(({ isPending }) => isPending).length;
    expectThat(waiting === 0, `${waiting} of ${WAITERS} still wait`);
  },
});

export const dialsOfWaiters = poolCase({
  name: 'dials-of-waiters',
  promise: 'A server that refuses is not dialed without a pause for requests that wait',
  async run(stage) {
    stage.server.answerDial = () => stage.wait(1).then(refused);
    await askAll(stage);
    const { dials } = stage.server;
    expectThat(dials <= TOLERATED_DIALS, `${dials} dials within ${TIMEOUT_MS / 1_000} s for ${WAITERS} requests`);
  },
});

export const dialsOfCallers = poolCase({
  name: 'dials-of-callers',
  promise: 'A server that refuses is not dialed once for every caller',
  async run(stage) {
    stage.server.answerDial = () => stage.wait(1).then(refused);
    const pool = stage.start({ max: 20, acquireTimeoutMs: TIMEOUT_MS });
    for (let caller = 0; caller < CALLERS; caller++) {
      stage.ask(pool);
      await stage.world.advance(OUTAGE_MS / CALLERS);
    }
    const { dials } = stage.server;
    expectThat(dials <= TOLERATED_DIALS, `${dials} dials within ${OUTAGE_MS / 1_000} s for ${CALLERS} callers`);
  },
});

export const afterOutage = poolCase({
  name: 'after-outage',
  promise: 'Two seconds after the server is back requests are served again, twenty seconds of refusals notwithstanding',
  async run(stage) {
    stage.server.answerDial = () => stage.wait(1).then(refused);
    const pool = stage.start({ max: 5, acquireTimeoutMs: TIMEOUT_MS });
    let served = 0;
    const callFor = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += CALL_EVERY_MS) {
        stage.hold(pool, 1).then(
          () => served++,
          () => {},
        );
        await stage.pass(CALL_EVERY_MS);
      }
    };
    await callFor(LONG_OUTAGE_MS);
    stage.server.answerDial = async () => {};
    await callFor(BACK_MS);
    expectThat(served > 0, `${BACK_MS / 1_000} s later nobody has got a connection`);
  },
});

export const realCause = poolCase({
  name: 'real-cause',
  promise: 'A request that fails because the server is down names that cause, and does not speak of a full pool alone',
  async run(stage) {
    stage.server.answerDial = () => stage.wait(10).then(refused);
    const pool = stage.start({ max: 5, acquireTimeoutMs: TIMEOUT_MS });
    const asked = stage.ask(pool);
    await stage.pass(TIMEOUT_MS + 500);
    expectThat(asked.isRefused, 'it did not fail');
    expectThat(wordsOf(asked.error).includes('ECONNREFUSED'), `all it says is '${wordsOf(asked.error)}'`);
  },
});

export const refusedFromTheStart = poolCase({
  name: 'refused-from-the-start',
  promise: 'A pool that opens its first connections by itself raises no unhandled rejection when the server is down',
  async run(stage) {
    stage.server.answerDial = () => stage.wait(10).then(refused);
    stage.start({ max: 5, min: 2 });
    await stage.pass(5_000);
    const [accident] = stage.world.accidents;
    expectThat(accident === undefined, `${accident}`);
  },
});

async function askAll(stage: Stage): Promise<readonly Asked[]> {
  const pool = stage.start({ max: WAITERS, acquireTimeoutMs: TIMEOUT_MS });
  const asked = Array.from({ length: WAITERS }, () => stage.ask(pool));
  await stage.pass(TIMEOUT_MS + 500);
  return asked;
}

/** The message and those of all causes. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${wordsOf(error.cause)}`;
}
