import { describe, expect, test } from 'vitest';
import { type Overrides, stage } from '../../test/puppet.ts';
import type { SimulatedConnection } from './ground-truth.ts';

describe('I1, bounded size', () => {
  test('breaks when more connections are live than max', async () => {
    const { dial, broken } = stage();
    for (let count = 0; count < 3; count++) await dial();
    expect(broken()).toEqual(['I1']);
  });

  test('holds when max shrank and the size falls towards it, and breaks when it rises again', async () => {
    const { dial, pool, broken, simulated } = stage();
    const [first] = [await dial(), await dial()];
    expect(broken()).toEqual([]);
    pool.lies = { size: { min: 0, max: 1, absoluteMax: 2 } };
    expect(broken()).toEqual([]);
    simulated.driver.destroy(first as SimulatedConnection);
    pool.counts.idle--;
    expect(broken()).toEqual([]);
    await dial();
    expect(broken()).toEqual(['I1']);
  });

  test('breaks when the driver holds a connection that the pool does not count', async () => {
    const { dial, pool, broken } = stage();
    await dial();
    pool.counts.idle--;
    expect(broken()).toEqual(['I1']);
  });

  test('breaks when a call past its timeout and one second is not abandoned, though there was a second to find it a place', async () => {
    const { simulated, context, pool, clock, broken } = stage({ connect: { timeoutMs: 100 } });
    simulated.server.script('open', { kind: 'hang' });
    pool.counts.dialing++;
    simulated.driver.open(context(100));
    await clock.advance(1_102);
    expect(broken()).toEqual([]);
    await clock.advance(1_000);
    expect(broken()).toEqual([]);
    await clock.advance(2);
    expect(broken()).toEqual(['I1']);
  });

  test('gives such a call a second from when the last place became free', async () => {
    const { simulated, context, pool, clock, broken } = stage({ connect: { timeoutMs: 100 } });
    simulated.server.become({ kind: 'silent' });
    for (let count = 0; count < 3; count++) simulated.driver.open(context(100)).catch(() => {});
    pool.counts.dialing = 3;
    pool.lies = { size: { min: 0, max: 4, absoluteMax: 4 } };
    await clock.advance(1_102);
    expect(broken()).not.toContain('I1');
    let answered = 0;
    await clock.advance(900);
    simulated.server.answerHung(() => (answered++ === 0 ? 'fail' : undefined));
    pool.counts.dialing = 2;
    await clock.advance(200);
    expect(broken()).not.toContain('I1');
    await clock.advance(802);
    expect(broken()).toContain('I1');
  });

  test('breaks when a dial starts while as many calls as max are abandoned', async () => {
    const { simulated, context, pool, clock, broken } = stage({ connect: { timeoutMs: 100 } });
    simulated.server.become({ kind: 'silent' });
    for (let count = 0; count < 2; count++) simulated.driver.open(context(100));
    pool.lies = { abandoned: 2 };
    await clock.advance(5_000);
    expect(broken()).toEqual([]);
    pool.counts.dialing++;
    simulated.driver.open(context(100));
    expect(broken()).toEqual(['I1']);
  });

  test('breaks when more calls are abandoned than are unanswered', () => {
    const { pool, broken } = stage();
    pool.lies = { abandoned: 1 };
    expect(broken()).toEqual(['I1']);
  });
});

describe('I4, one lease at a time', () => {
  test('breaks when a connection is lent twice', async () => {
    const { dial, lend, pool, broken } = stage();
    const connection = await dial();
    lend(connection);
    pool.counts.idle++;
    pool.counts.leased--;
    lend(connection);
    expect(broken()).toEqual(['I4']);
  });

  test('breaks when a connection is lent that has ended', async () => {
    const { dial, lend, simulated, pool, ledger, broken } = stage();
    const connection = await dial();
    simulated.driver.destroy(connection);
    const lease = lend(connection);
    ledger.released(lease);
    pool.counts.leased--;
    expect(broken()).toEqual(['I4']);
  });

  test('breaks when a leased connection is checked', async () => {
    const { dial, lend, simulated, context, broken } = stage();
    const connection = await dial();
    lend(connection);
    simulated.driver.check(connection, context());
    expect(broken()).toEqual(['I4']);
  });

  test('breaks when a second release is not reported, or changes something, or the lease still works', async () => {
    const silent = stage();
    silent.ledger.releasedAgain(undefined);
    expect(silent.broken()).toEqual(['I4']);
    const changing = stage();
    changing.pool.events.emit('double-release', { connection: 1, label: undefined });
    changing.ledger.releasedAgain('an idle connection appeared');
    expect(changing.broken()).toEqual(['I4']);
    const working = stage();
    const lease = working.lend(await working.dial());
    working.ledger.released(lease);
    working.pool.counts.leased--;
    working.pool.counts.idle++;
    working.ledger.reachedAfterRelease(lease);
    expect(working.broken()).toEqual(['I4']);
  });
});

describe('I5, the counts', () => {
  test.each<[string, Overrides]>([
    ['a suspect that is not idle', { suspects: 1 }],
    ['a peak below the present', { peakLeased: -1 }],
    ['a minimum above the maximum', { size: { min: 3, max: 2, absoluteMax: 2 } }],
    ['a maximum above the absolute one', { size: { min: 0, max: 2, absoluteMax: 1 } }],
    ['a wait of nobody', { oldestWaitMs: 5 }],
    ['a lease of nobody', { oldestLeaseMs: 5 }],
    ['another time', { atMs: 99 }],
    ['a waiter that does not exist', { waiting: 1 }],
    ['a count that is no count', { waiting: 0.5 }],
  ])('breaks for %s', (_name, lies) => {
    const { pool, broken } = stage();
    pool.lies = lies;
    expect(broken()).toEqual(['I5']);
  });

  test('breaks when a lease in force is not counted', async () => {
    const { dial, lend, pool, broken } = stage();
    lend(await dial());
    pool.lies = { connections: { leased: 0, idle: 1 } };
    expect(broken()).toEqual(['I5']);
  });

  test('breaks when what only grows has fallen', async () => {
    for (const lies of [{ generation: 3 }, { leasedTimeMs: 3 }, { leasedTimeMs: Number.NaN }, { peakLeased: 5 }]) {
      const { pool, broken } = stage();
      pool.lies = lies;
      expect(broken()).toEqual([]);
      pool.lies = {};
      expect(broken()).toEqual(['I5']);
    }
  });

  test('breaks when a snapshot can be changed', () => {
    const { pool, broken } = stage();
    const honest = pool.snapshot.bind(pool);
    pool.snapshot = () => ({ ...honest() });
    expect(broken()).toEqual(['I5']);
  });
});

describe('I8, no lost slot', () => {
  test.each(['dialing', 'idle', 'checking', 'resetting', 'closing'] as const)(
    'breaks for a slot that is %s with nothing behind it',
    (state) => {
      const { pool, broken } = stage();
      pool.counts[state]++;
      expect(broken()).toEqual(['I8']);
    },
  );

  test('breaks when a connection is ended twice, or called after its end, or by two calls at once', async () => {
    const twice = stage();
    const ended = await twice.dial();
    twice.simulated.driver.destroy(ended);
    twice.simulated.driver.destroy(ended);
    twice.pool.counts.idle--;
    expect(twice.broken()).toEqual(['I8']);
    const after = stage();
    const gone = await after.dial();
    after.simulated.driver.destroy(gone);
    after.pool.counts.idle--;
    after.simulated.driver.check(gone, after.context()).catch(() => {});
    expect(after.broken()).toEqual(['I8']);
    const both = stage();
    const busy = await both.dial();
    both.simulated.driver.check(busy, both.context());
    both.simulated.driver.check(busy, both.context());
    both.pool.counts.idle--;
    both.pool.counts.checking++;
    expect(both.broken()).toEqual(['I8']);
  });
});

describe('I9, a clean end', () => {
  test('breaks when close() does not answer in time', async () => {
    const { watch, clock, broken } = stage();
    watch.closing(100);
    await clock.advance(100);
    expect(broken()).toEqual([]);
    await clock.advance(1);
    expect(broken()).toEqual(['I9']);
  });

  test('breaks when a timer, a connection, a waiter or a watch remains', async () => {
    const timer = stage();
    timer.pool.lies = { state: 'closed' };
    timer.watch.closing(100)();
    expect(timer.broken()).toEqual([]);
    timer.leaveTimers(1);
    expect(timer.broken()).toEqual(['I9']);
    const connection = stage();
    await connection.dial();
    connection.pool.lies = { state: 'closed' };
    connection.watch.closing(100)();
    expect(connection.broken()).toEqual(['I9']);
    const waiter = stage();
    waiter.ledger.asked({ timeoutMs: 50 });
    waiter.pool.lies = { state: 'closed' };
    waiter.watch.closing(100)();
    expect(waiter.broken()).toEqual(['I9']);
    const watched = stage();
    const lost = await watched.dial();
    watched.simulated.driver.watch?.(lost, () => {});
    watched.simulated.driver.destroy(lost);
    watched.pool.counts.idle--;
    watched.pool.lies = { state: 'closed' };
    watched.watch.closing(100)();
    expect(watched.broken()).toEqual(['I9']);
  });
});

describe('I10, sessions', () => {
  test('breaks when a lease finds what the last one left behind', async () => {
    const { dial, lend, broken } = stage();
    const connection = await dial();
    connection.session = 'an open transaction';
    lend(connection);
    expect(broken()).toEqual(['I10']);
  });
});
