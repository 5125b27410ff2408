import { CryoError } from '@cryo/resilience';
import { describe, expect, test } from 'vitest';
import { stage } from '../../test/puppet.ts';

describe('I2, settled once and in time', () => {
  test('breaks when a request still waits after its deadline', async () => {
    const { ledger, clock, broken } = stage();
    ledger.asked({ timeoutMs: 50 });
    await clock.advance(50);
    expect(broken()).toEqual([]);
    await clock.advance(2);
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when a request settled late within one step', async () => {
    const { ledger, clock, broken } = stage();
    const request = ledger.asked({ timeoutMs: 50 });
    await clock.advance(500);
    ledger.refused(request, new CryoError('ACQUIRE_TIMEOUT', 'too late'));
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when a request times out before its deadline', async () => {
    const { ledger, clock, broken } = stage();
    const request = ledger.asked({ timeoutMs: 50 });
    await clock.advance(20);
    ledger.refused(request, new CryoError('ACQUIRE_TIMEOUT', 'too early'));
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when an aborted request goes on waiting', () => {
    const { ledger, broken } = stage();
    ledger.aborted(ledger.asked({ timeoutMs: 50 }));
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when a request is answered twice', () => {
    const { ledger, broken } = stage();
    const request = ledger.asked({ timeoutMs: 50 });
    ledger.refused(request, new CryoError('POOL_CLOSED', 'closed'));
    ledger.refused(request, new CryoError('POOL_CLOSED', 'closed'));
    expect(broken()).toEqual(['I2']);
  });

  test('allows for the end of a stall, and for one grace after a thaw', async () => {
    const { ledger, clock, watch, broken } = stage();
    const stalled = ledger.asked({ timeoutMs: 50 });
    clock.stall(700);
    watch.stalled(700);
    ledger.refused(stalled, new CryoError('ACQUIRE_TIMEOUT', 'judged after the stall'));
    expect(broken()).toEqual([]);
    ledger.asked({ timeoutMs: 300 });
    ledger.thawed();
    await clock.advance(200);
    ledger.thawed();
    await clock.advance(100);
    expect(broken()).toEqual([]);
    await clock.advance(2);
    expect(broken()).toEqual(['I2']);
  });
});

describe('I3, in order', () => {
  test('breaks when a request is granted while an older one waits', async () => {
    const { dial, lend, ledger, broken } = stage();
    const connection = await dial();
    ledger.asked({ timeoutMs: 1_000 });
    lend(connection);
    expect(broken()).toEqual(['I3']);
  });

  test('breaks when the older one is granted later in the same step', async () => {
    const { dial, lend, ledger, clock, broken } = stage();
    const [one, other] = [await dial(), await dial()];
    const older = ledger.asked({ timeoutMs: 1_000 });
    lend(one);
    await clock.advance(1);
    lend(other, older);
    expect(broken()).toEqual(['I3']);
  });

  test('lets classes of priority overtake each other, and takes the discipline as it is given', async () => {
    const classes = stage();
    classes.ledger.asked({ timeoutMs: 1_000, priority: 1 });
    classes.lend(await classes.dial());
    expect(classes.broken()).toEqual([]);
    const anyOrder = stage({}, { discipline: { name: 'any order', mayOvertake: () => true } });
    anyOrder.ledger.asked({ timeoutMs: 1_000 });
    anyOrder.lend(await anyOrder.dial());
    expect(anyOrder.broken()).toEqual([]);
  });
});

describe('I6, cancelled waiters', () => {
  test('breaks when a connection is leased to a request that gave up', async () => {
    const { dial, pool, ledger, broken } = stage();
    await dial();
    const request = ledger.asked({ timeoutMs: 50 });
    ledger.aborted(request);
    ledger.refused(request, new CryoError('ACQUIRE_ABORTED', 'aborted'));
    pool.counts.idle--;
    pool.counts.leased++;
    expect(broken()).toEqual(['I6']);
  });

  test('breaks when a lease was reported that nobody got', () => {
    const { pool, broken } = stage();
    pool.events.emit('lease-granted', { connection: 1, waitedMs: 0, label: undefined });
    expect(broken()).toEqual(['I6']);
  });
});

describe('I7, nothing escapes', () => {
  test('breaks for an unhandled rejection and for a refusal that is not typed', () => {
    const unhandled = stage();
    unhandled.ledger.escaped('an unhandled rejection', new Error('boom'));
    expect(unhandled.broken()).toEqual(['I7']);
    const untyped = stage();
    untyped.ledger.refused(untyped.ledger.asked({ timeoutMs: 50 }), new TypeError('x is undefined'));
    expect(untyped.broken()).toEqual(['I7']);
  });
});

describe('I12, the queue', () => {
  test('breaks when more requests wait than the limit allows', () => {
    const { ledger, broken } = stage({ acquire: { queueLimit: 1 } });
    ledger.asked({ timeoutMs: 50 });
    expect(broken()).toEqual([]);
    ledger.asked({ timeoutMs: 50 });
    expect(broken()).toEqual(['I12']);
  });
});
