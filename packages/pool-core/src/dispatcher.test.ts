import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStores } from './assembly.ts';
import { Closer } from './closer.ts';
import { PooledConnection } from './connection.ts';
import { Dispatcher, type Move, nextMove } from './dispatcher.ts';
import { LeakWatch } from './leak.ts';
import type { Lease } from './lease.ts';
import { Lending } from './lending.ts';
import { QueuedRequest } from './request.ts';
import { Returner } from './returner.ts';
import { createShortWay } from './short-way.ts';
import type { PoolSnapshot } from './snapshot.ts';
import type { Lifecycle } from './stores.ts';
import { simulatedDriver } from './testing/simulated-driver.ts';

function makeStores() {
  const clock = new VirtualClock({ startMs: 10_000 });
  const { driver } = simulatedDriver({ clock, timers: clock, random: seededRandom(1) });
  const options = { name: 'orders', driver, clock, timers: clock, random: () => 0.5 };
  return createStores<{ id: number }, Lease<{ id: number }>>(
    { ...options, driver: driver as never },
    () => ({}) as PoolSnapshot,
    () => {},
  );
}

type TestStores = ReturnType<typeof makeStores>;

function addIdle(stores: TestStores, id: number, freshness: 'fresh' | 'stale'): void {
  const connection = new PooledConnection({ id, resource: { id }, bornAtMs: 0, expiresAtMs: Infinity, generation: 0 });
  stores.roster.admit(connection);
  connection.prove(stores.clock.now() - (freshness === 'fresh' ? 0 : 500), 500);
  stores.roster.move(connection, 'idle', stores.clock.now());
  stores.idle.push(connection);
}

function addWaiter(stores: TestStores): void {
  stores.queue.push(new QueuedRequest(stores.clock.now(), Infinity, {}, () => {}));
}

function waiterAnd(freshness: 'fresh' | 'stale'): (stores: TestStores) => void {
  return (stores) => {
    addWaiter(stores);
    addIdle(stores, 1, freshness);
  };
}

const desk = (wants = false, hopeless = false) => ({ hopeless, saturated: false, wants: () => wants });

describe('nextMove', () => {
  const cases: [string, Move, (stores: TestStores) => void, ReturnType<typeof desk>][] = [
    ['waits when nobody asks for anything', 'wait', () => {}, desk()],
    ['opens when the pool itself wants a connection', 'open', () => {}, desk(true)],
    ['grants a fresh idle connection to a waiter', 'grant', waiterAnd('fresh'), desk(true)],
    ['checks an idle connection that is not fresh', 'check', waiterAnd('stale'), desk()],
    ['opens for a waiter when nothing is idle', 'open', addWaiter, desk(true)],
    ['refuses a waiter when there is no hope', 'refuse', addWaiter, desk(true, true)],
    [
      'keeps a waiter while there is something to check, even without hope for a dial',
      'check',
      waiterAnd('stale'),
      desk(false, true),
    ],
    ['lets a waiter wait for what is coming back', 'wait', addWaiter, desk()],
  ];
  it.each(cases)('%s', (_sentence, move, arrange, dialDesk) => {
    const stores = makeStores();
    arrange(stores);
    expect(nextMove(stores, dialDesk, stores.clock.now())).toBe(move);
  });

  it.each(['suspended', 'closing', 'closed'] as const)('does nothing while the pool is %s', (lifecycle) => {
    const stores = makeStores();
    addWaiter(stores);
    addIdle(stores, 1, 'fresh');
    stores.lifecycle = lifecycle;
    expect(nextMove(stores, desk(true, true), stores.clock.now())).toBe('wait');
  });

  it('checks no more connections at once than there are waiters', () => {
    const stores = makeStores();
    addWaiter(stores);
    addIdle(stores, 1, 'stale');
    const { top } = stores.idle;
    if (top !== undefined) {
      stores.idle.remove(top);
      stores.roster.move(top, 'checking', stores.clock.now());
    }
    addIdle(stores, 2, 'stale');
    expect(nextMove(stores, desk(), stores.clock.now())).toBe('wait');
  });
});

describe('the fast path', () => {
  it('lends at once exactly where the decision would have been to grant', () => {
    const world = fc.record({
      idle: fc.array(fc.constantFrom('fresh' as const, 'stale' as const), { maxLength: 3 }),
      waiters: fc.nat(2),
      lifecycle: fc.constantFrom<Lifecycle>('open', 'suspended', 'closing', 'closed'),
      way: fc.constantFrom('lendNow' as const, 'borrow' as const),
    });
    fc.assert(
      fc.property(world, ({ idle, waiters, lifecycle, way }) => {
        const stores = makeStores();
        idle.forEach((freshness, id) => {
          addIdle(stores, id, freshness);
        });
        for (let count = 0; count < waiters; count++) addWaiter(stores);
        stores.lifecycle = lifecycle;
        const closer = new Closer(stores, { ended: () => {}, serverLost: () => {} });
        const returner = new Returner(stores, closer, () => {});
        const leaks = new LeakWatch(stores, returner);
        const lending = new Lending(stores, { leaks });
        const idler = { grant: () => {}, check: () => {}, open: () => {}, refuse: () => {}, rest: () => {} };
        const dispatcher = new Dispatcher(stores, desk(), idler);
        const shortWay = createShortWay(stores, { leaks, lending, returner, dispatcher });
        const lend = { lendNow: () => lending.lendNow(), borrow: () => shortWay.borrow() };
        const alone = waiters === 0;
        if (alone) addWaiter(stores);
        const decided = nextMove(stores, desk(), stores.clock.now());
        if (alone) stores.queue.take();
        const { leased } = stores.roster.counts;
        const lends = alone && decided === 'grant';
        expect(lend[way]() !== undefined).toBe(lends);
        expect(stores.roster.counts.leased).toBe(leased + (lends ? 1 : 0));
      }),
    );
  });
});

describe('the short ways of a full pool', () => {
  const world = fc.record({
    idle: fc.nat(1),
    waiters: fc.nat(3),
    lifecycle: fc.constantFrom<Lifecycle>('open', 'suspended', 'closing', 'closed'),
    saturated: fc.boolean(),
  });

  function arrange({
    idle,
    waiters,
    lifecycle,
    saturated,
  }: typeof world extends fc.Arbitrary<infer World> ? World : never) {
    const stores = makeStores();
    addIdle(stores, 1, 'fresh');
    const lent = stores.idle.pop();
    stores.roster.lend(lent, stores.clock.now());
    for (let count = 0; count < idle; count++) addIdle(stores, 2, 'stale');
    for (let count = 0; count < waiters; count++) addWaiter(stores);
    stores.lifecycle = lifecycle;
    const dialDesk = { hopeless: false, saturated, wants: () => !saturated };
    const count = { moves: 0, rests: 0 };
    // One move is enough: nothing is decided while a pool is suspended.
    const move = () => {
      count.moves++;
      stores.lifecycle = 'suspended';
    };
    const movers = { grant: move, check: move, refuse: move, open: move, rest: () => count.rests++ };
    const dispatcher = new Dispatcher(stores, dialDesk, movers);
    const decide = () => nextMove(stores, dialDesk, stores.clock.now());
    return { stores, lent, dispatcher, decide, moves: () => count.moves, pumped: () => count.rests };
  }

  it('hand over only where the decision would have been to grant, and then to wait', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const { stores, lent, dispatcher, decide } = arrange(drawn);
        if (!dispatcher.handsOver()) return;
        const now = stores.clock.now();
        lent.prove(now, 500);
        stores.roster.takeHome(lent);
        stores.idle.push(lent);
        expect(decide()).toBe('grant');
        stores.queue.take();
        stores.roster.lend(stores.idle.pop(), now);
        expect(decide()).toBe('wait');
        expect(stores.queue.size).toBeGreaterThan(0);
      }),
    );
    expect(arrange({ idle: 0, waiters: 2, lifecycle: 'open', saturated: true }).dispatcher.handsOver()).toBe(true);
  });

  it('leave the pump alone after a request only where the decision is to wait', () => {
    const quiet = { idle: 0, waiters: 2, lifecycle: 'open', saturated: true } as const;
    fc.assert(
      fc.property(world, (drawn) => {
        const { stores, dispatcher, decide, moves } = arrange(drawn);
        stores.queue.lookedAtMs = 5;
        stores.queue.lookDueMs = 6;
        const decided = decide();
        dispatcher.queued();
        expect(moves()).toBe(decided === 'wait' ? 0 : 1);
      }),
    );
    const { stores, dispatcher, pumped } = arrange(quiet);
    stores.queue.lookedAtMs = 5;
    stores.queue.lookDueMs = 5;
    dispatcher.queued();
    expect(pumped()).toBe(0);
    stores.queue.lookDueMs = 4;
    dispatcher.queued();
    expect(pumped()).toBe(1);
  });
});

describe('the pump', () => {
  it('carries out what a mover asks for from within, once the present move is done', () => {
    const stores = makeStores();
    const log: string[] = [];
    let wanted = 2;
    const dispatcher: Dispatcher<{ id: number }, Lease<{ id: number }>> = new Dispatcher(
      stores,
      { hopeless: false, saturated: false, wants: () => wanted > 0 },
      {
        grant: () => {},
        check: () => {},
        refuse: () => {},
        open: () => {
          log.push('open begins');
          wanted--;
          dispatcher.pump();
          log.push('open ends');
        },
        rest: () => log.push('rest'),
      },
    );
    dispatcher.pump();
    expect(log.slice(0, 4)).toEqual(['open begins', 'open ends', 'open begins', 'open ends']);
    expect(log.slice(4).every((entry) => entry === 'rest')).toBe(true);
  });
});
