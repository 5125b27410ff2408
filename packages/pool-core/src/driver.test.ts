import { describe, expect, it } from 'vitest';
import { createRig, rejectionOf } from '../test/rig.ts';
import { classifyError, type Driver, type ErrorClass } from './driver.ts';

function driverWith(classify: (error: unknown) => unknown): Driver<object> {
  const open = () => Promise.resolve({});
  const done = () => Promise.resolve();
  const answer = (error: unknown) => classify(error) as ErrorClass | undefined;
  return { name: 'x', open, check: done, close: done, destroy: () => {}, classify: answer };
}

describe('the class of an error', () => {
  it.each([
    ['open', 'server-unavailable'],
    ['check', 'connection-lost'],
    ['reset', 'connection-lost'],
    ['use', 'statement'],
  ] as const)('is the default of the phase %s when the adapter has not decided', (phase, expected) => {
    for (const undecided of [undefined, 'fatal', null, 42, Promise.resolve('conflict')]) {
      expect(
        classifyError(
          driverWith(() => undecided),
          new Error(),
          phase,
        ),
      ).toBe(expected);
    }
    const thrower = driverWith(() => {
      throw new Error('no table');
    });
    expect(classifyError(thrower, new Error(), phase)).toBe(expected);
  });

  it('is the word of the adapter where it has one', () => {
    expect(
      classifyError(
        driverWith(() => 'conflict'),
        new Error(),
        'use',
      ),
    ).toBe('conflict');
  });
});

describe('a driver whose plain methods are async and fail', () => {
  it('raises no unhandled rejection and costs no slot', async () => {
    const rig = createRig({ size: { min: 1, max: 1 } });
    const rejected: unknown[] = [];
    const listener = (reason: unknown) => rejected.push(reason);
    process.on('unhandledRejection', listener);
    const fail = () => Promise.reject(new Error('async')) as never;
    Object.assign(rig.driver, { ref: fail, unref: fail });
    const { destroy } = rig.driver;
    rig.driver.destroy = (connection) => {
      destroy(connection);
      return fail();
    };
    await rig.clock.advance(5);
    const lease = await rig.pool.acquire();
    rig.breakConnection(lease.connection, 'once');
    lease.release();
    await rig.clock.advance(200);
    expect(rig.pool.snapshot().connections.idle).toBe(1);
    const closed = rig.pool.close();
    await rig.clock.advance(10);
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    expect(rejected).toEqual([]);
    expect((await rejectionOf(rig.pool.acquire())).code).toBe('POOL_CLOSED');
  });
});
