/**
 * Owns the cases of a request that its caller gives up.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

export const abortedWaiter = poolCase({
  name: 'aborted-waiter',
  promise: 'A request that its caller gives up ends at once, and takes no connection later',
  needs: ['canAbort'],
  async run(stage) {
    const pool = stage.start({ max: 1 });
    const [holder] = await stage.take(pool, 1);
    const controller = new AbortController();
    const waiter = stage.ask(pool, controller.signal);
    await stage.settle();
    controller.abort(new Error('the client went away'));
    await stage.pass(1);
    expectThat(waiter.isRefused, 'it waits on');
    holder?.release();
    const next = stage.ask(pool);
    await stage.pass(10);
    expectThat(next.isGranted, 'the connection is gone');
  },
});

export const abortedDial = poolCase({
  name: 'aborted-dial',
  promise: 'A request that its caller gives up takes no dial away from the others',
  needs: ['canAbort'],
  async run(stage) {
    stage.server.answerDial = () => stage.wait(1_000);
    const pool = stage.start({ max: 1 });
    const controller = new AbortController();
    stage.ask(pool, controller.signal);
    const other = stage.ask(pool);
    await stage.pass(500);
    controller.abort(new Error('the client went away'));
    await stage.pass(600);
    expectThat(other.isGranted, 'the other request got nothing from the dial');
    const { dials } = stage.server;
    expectThat(dials === 1, `it took ${dials} dials`);
  },
});
