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

describe('I2, shed neither early nor late', () => {
  const shedding = { targetMs: 10, intervalMs: 40, limitMs: 20 };
  const began = { priority: 'normal', waiting: 1, oldestWaitMs: 50 } as const;
  const shed = new CryoError('ACQUIRE_SHED', 'shed');

  test('breaks when a pool sheds that was not told to', async () => {
    const { ledger, clock, broken } = stage();
    const request = ledger.asked({ timeoutMs: 500 });
    await clock.advance(100);
    ledger.refused(request, shed);
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when a request is shed before the limit, or while its class is not shedding', async () => {
    const early = stage({ shedding });
    early.ledger.asked({ timeoutMs: 500 });
    await early.clock.advance(50);
    early.pool.events.emit('shedding-began', began);
    const young = early.ledger.asked({ timeoutMs: 500 });
    await early.clock.advance(10);
    early.ledger.refused(young, shed);
    expect(early.broken()).toEqual(['I2']);
    const calm = stage({ shedding });
    const old = calm.ledger.asked({ timeoutMs: 500 });
    await calm.clock.advance(50);
    calm.ledger.refused(old, shed);
    expect(calm.broken()).toEqual(['I2']);
  });

  test('breaks when a request is shed that a suspension holds, or within the grace', async () => {
    for (const event of ['suspended', 'thawed'] as const) {
      const { ledger, clock, pool, broken } = stage({ shedding });
      const request = ledger.asked({ timeoutMs: 500 });
      await clock.advance(50);
      pool.events.emit('shedding-began', began);
      if (event === 'suspended') pool.events.emit('suspended', { waiting: 1 });
      else pool.events.emit('thawed', { gapMs: 10_000 });
      await clock.advance(50);
      ledger.refused(request, shed);
      expect(broken()).toEqual(['I2']);
    }
  });

  test('breaks when a request waits for longer than the pool may take to shed it, unless it was disturbed', async () => {
    const { ledger, clock, watch, broken } = stage({ shedding });
    ledger.asked({ timeoutMs: 500 });
    await clock.advance(40);
    clock.stall(30);
    watch.stalled(30);
    await clock.advance(50);
    expect(broken()).toEqual([]);
    await clock.advance(2);
    expect(broken()).toEqual(['I2']);
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
