import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';

let rig: Rig;

beforeEach(async () => {
  rig = createRig({ size: { min: 1, max: 1 } });
  await rig.clock.advance(10);
});

afterEach(async () => {
  const end = rig.pool.close();
  await rig.clock.advance(10_000);
  await end;
});

describe('The deadline of a request', () => {
  test('ends its wait, before its time limit would.', async () => {
    const lease = await rig.pool.acquire();
    const late = rejectionOf(rig.pool.acquire({ deadline: rig.clock.now() + 30, timeoutMs: 5_000 }));
    const work = rejectionOf(rig.pool.use(() => {}, { deadline: rig.clock.now() + 30 }));
    await rig.clock.advance(31);
    expect((await late).message).toContain('no connection within 30 ms');
    expect((await work).code).toBe('ACQUIRE_TIMEOUT');
    lease.release();
  });

  test('leaves a shorter time limit in force.', async () => {
    const lease = await rig.pool.acquire();
    const late = rejectionOf(rig.pool.acquire({ deadline: rig.clock.now() + 5_000, timeoutMs: 20 }));
    await rig.clock.advance(21);
    expect((await late).message).toContain('no connection within 20 ms');
    lease.release();
  });

  test('that has passed refuses a wait at once, and nothing that needs none.', async () => {
    const deadline = rig.clock.now();
    const lease = await rig.pool.acquire({ deadline });
    expect((await rejectionOf(rig.pool.acquire({ deadline }))).code).toBe('ACQUIRE_TIMEOUT');
    expect(rig.pool.snapshot().waiting).toBe(0);
    lease.release();
  });

  test('reaches the work of use, so that it holds for both.', async () => {
    const deadline = rig.clock.now() + 30;
    expect(await rig.pool.use((_connection, context) => context.deadline, { deadline })).toBe(deadline);
  });

  test('is refused where it is no number.', async () => {
    expect((await rejectionOf(rig.pool.acquire({ deadline: Number.NaN }))).message).toContain('deadline is NaN');
  });
});
