import { afterEach, describe, expect, it } from 'vitest';
import { createLedgerDatabase } from '../test/ledger-database.ts';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';

let rig: Rig | undefined;
afterEach(async () => {
  const closed = rig?.pool.close();
  await rig?.clock.advance(60_000);
  await closed;
  rig = undefined;
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function throwing(property: 'message' | 'stack' | 'cause' | 'code'): Error {
  return Object.defineProperty(new Error('refused'), property, {
    get() {
      throw new Error('read');
    },
  });
}

const UNREADABLE: readonly (readonly [string, unknown])[] = [
  ['a revoked proxy', revoked()],
  ['an error whose message throws', throwing('message')],
  ['an error whose stack throws', throwing('stack')],
  ['an error whose cause throws', throwing('cause')],
  ['an error whose code throws', throwing('code')],
  ['an object without a prototype', Object.create(null)],
  ['a symbol', Symbol('refused')],
  ['undefined', undefined],
];

describe('a dial that fails with what throws when it is read', () => {
  it.each(UNREADABLE)('costs no slot and no waiter: %s', async (_what, error) => {
    rig = createRig({ size: { min: 0, max: 1 } });
    rig.server.script('open', { kind: 'fail', error });
    const waiter = rig.pool.acquire();
    await rig.clock.advance(1_000);
    (await waiter).release();
    expect(rig.pool.snapshot()).toMatchObject({ live: 1, abandoned: 0 });
  });

  it.each(UNREADABLE)('is told of to whoever ran out of time, and can be looked at: %s', async (_what, error) => {
    rig = createRig({
      size: { min: 1, max: 1 },
      breaker: { threshold: 2 },
      prepare: (server) =>
        server.script('open', ...Array.from({ length: 5 }, () => ({ kind: 'fail', error }) as const)),
    });
    const late = rejectionOf(rig.pool.acquire({ timeoutMs: 100 }));
    await rig.clock.advance(150);
    expect((await late).code).toBe('ACQUIRE_TIMEOUT');
    await rig.clock.advance(500);
    expect((await rejectionOf(rig.pool.acquire())).code).toBe('SERVER_UNAVAILABLE');
    expect(typeof rig.pool.snapshot().breaker.cause).toBe('string');
    expect(rig.pool.health().status).toBe('down');
  });

  it.each(UNREADABLE)('is no worse where a check fails with it, or a lease ends with it: %s', async (_what, error) => {
    rig = createRig({ size: { min: 1, max: 1 }, validation: { bypassMs: 0 } });
    await rig.clock.advance(10);
    rig.server.script('check', { kind: 'fail', error });
    const waiter = rig.pool.acquire();
    await rig.clock.advance(1_000);
    (await waiter).release(error);
    const again = rig.pool.acquire();
    await rig.clock.advance(1_000);
    (await again).release();
    expect(rig.pool.snapshot().live).toBe(1);
  });
});

describe('a transaction whose work throws what throws when it is read', () => {
  it.each(UNREADABLE)('is rolled back, so that nobody else gets it open: %s', async (_what, error) => {
    const { transaction, log, clock, pool } = createLedgerDatabase();
    let thrown: { readonly error: unknown } | undefined;
    const done = transaction(async () => {
      throw error;
    }).catch((caught: unknown) => {
      thrown = { error: caught };
    });
    await clock.advance(1);
    await done;
    expect(Object.is(thrown?.error, error)).toBe(true);
    expect(log).toEqual(['1: BEGIN', '1: ROLLBACK']);
    expect(pool.snapshot().connections.idle).toBe(1);
  });
});
