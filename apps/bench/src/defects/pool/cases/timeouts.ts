/**
 * Owns the cases of requests that time out or are given up.
 * It must never know a library.
 */
import { expectThat, presume } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const TIMEOUT_MS = 1_000;

export const timedOutWaiter = poolCase({
  name: 'timed-out-waiter',
  promise: 'A request that has timed out does not take a connection with it later',
  needs: ['hasAcquireTimeout'],
  async run(stage) {
    const pool = stage.start({ max: 1, acquireTimeoutMs: TIMEOUT_MS });
    const [holder] = await stage.take(pool, 1);
    const waiter = stage.ask(pool);
    await stage.pass(TIMEOUT_MS * 2);
    presume(waiter.isRefused, 'the request did not time out');
    holder?.release();
    const next = stage.ask(pool);
    await stage.pass(10);
    expectThat(next.isGranted, 'the connection is gone');
  },
});

export const lateDial = poolCase({
  name: 'late-dial',
  promise: 'A connection that is there only after its request has timed out is kept or closed, not lost',
  needs: ['hasAcquireTimeout'],
  async run(stage) {
    stage.server.answerDial = () => stage.wait(TIMEOUT_MS * 2);
    const pool = stage.start({ max: 1, acquireTimeoutMs: TIMEOUT_MS });
    const waiter = stage.ask(pool);
    await stage.pass(TIMEOUT_MS * 5);
    presume(waiter.isRefused, 'the request did not time out');
    stage.server.answerDial = async () => {};
    const next = stage.ask(pool);
    await stage.pass(TIMEOUT_MS / 2);
    expectThat(next.isGranted, 'its place is lost');
    const { standing } = stage.server;
    expectThat(standing === 1, `with a maximum of 1 there are ${standing}`);
  },
});

export const restartedDeadline = poolCase({
  name: 'restarted-deadline',
  promise: 'The time limit of an acquire counts from the call, also when the first connection tried was dead',
  needs: ['hasAcquireTimeout', 'checksOnBorrow'],
  async run(stage) {
    const pool = stage.start({
      max: 1,
      acquireTimeoutMs: TIMEOUT_MS,
      checks: 'on-borrow',
      serverTimeoutMs: TIMEOUT_MS,
    });
    const [holder] = await stage.take(pool, 1);
    holder?.release();
    await stage.settle();
    stage.server.answerCheck = () => stage.wait(TIMEOUT_MS * 0.6).then(() => Promise.reject(new Error('dead')));
    stage.server.answerDial = () => new Promise(() => {});
    const asked = stage.ask(pool);
    await stage.pass(TIMEOUT_MS * 1.1);
    expectThat(asked.isRefused, `${TIMEOUT_MS * 1.1} ms later a request with ${TIMEOUT_MS} ms still waits`);
  },
});

export const clockSetBack = poolCase({
  name: 'clock-set-back',
  promise: 'The wall clock set back by an hour makes nobody wait for an hour',
  needs: ['hasAcquireTimeout'],
  async run(stage) {
    const pool = stage.start({ max: 1, acquireTimeoutMs: TIMEOUT_MS });
    await stage.take(pool, 1);
    const waiter = stage.ask(pool);
    await stage.pass(10);
    stage.world.jumpWallClock(-3_600_000);
    await stage.pass(TIMEOUT_MS * 2);
    expectThat(!waiter.isPending, `${TIMEOUT_MS * 2} ms later a request with ${TIMEOUT_MS} ms still waits`);
  },
});

export const clockSetForward = poolCase({
  name: 'clock-set-forward',
  promise: 'The wall clock set forward by an hour makes nobody time out early',
  needs: ['hasAcquireTimeout'],
  async run(stage) {
    const pool = stage.start({ max: 1, acquireTimeoutMs: TIMEOUT_MS });
    const [holder] = await stage.take(pool, 1);
    const waiting = [stage.ask(pool), stage.ask(pool)];
    await stage.pass(10);
    stage.world.jumpWallClock(3_600_000);
    holder?.release();
    await stage.pass(10);
    const early = waiting.filter(({ isRefused }) => isRefused).length;
    expectThat(early === 0, `${early} of ${waiting.length} requests with ${TIMEOUT_MS} ms timed out after 20 ms`);
  },
});

export const defaultWait = poolCase({
  name: 'default-wait',
  promise: 'With its defaults, holders who all wait for one more connection do not wait for ever',
  async run(stage) {
    const pool = stage.start({ max: 2, acquireTimeoutMs: 'as-it-comes' });
    await stage.take(pool, 2);
    const nested = [stage.ask(pool), stage.ask(pool)];
    await stage.pass(3_600_000);
    const waiting = nested.filter(({ isPending }) => isPending).length;
    expectThat(waiting === 0, `an hour later ${waiting} of ${nested.length} wait for each other`);
  },
});
