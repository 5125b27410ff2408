import { VirtualClock } from '@cryo/resilience/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStores } from './assembly.ts';
import { PooledConnection } from './connection.ts';
import { drawExpiryMs, earliestEndMs, reasonToEnd, surelyStays } from './retirement.ts';
import type { PoolSnapshot } from './snapshot.ts';
import type { Lifecycle, Stores } from './stores.ts';
import { simulatedDriver } from './testing/simulated-driver.ts';

const retirement = { maxLifetimeMs: 1_000, idleTimeoutMs: Infinity, maxUses: Infinity, jitter: 0.1 };

describe('a lifetime', () => {
  it('is only ever shortened by its jitter', () => {
    expect(drawExpiryMs(500, retirement, () => 0)).toBe(1_500);
    expect(drawExpiryMs(500, retirement, () => 0.999_999)).toBeCloseTo(1_400, 2);
    expect(earliestEndMs(retirement)).toBe(900);
  });

  it('of any length down to nothing does not make the keeper look without pause', () => {
    expect(earliestEndMs({ ...retirement, jitter: 1 })).toBe(10);
  });

  it('without end has no end, whatever the jitter', () => {
    const endless = { ...retirement, maxLifetimeMs: Infinity, jitter: 1 };
    expect(drawExpiryMs(500, endless, () => 1)).toBe(Infinity);
    expect(earliestEndMs(endless)).toBe(Infinity);
  });
});

interface Circumstances {
  readonly lifecycle: Lifecycle;
  readonly generation: number;
  readonly now: number;
  readonly uses: number;
  readonly max: number;
  readonly closing: number;
  readonly recalled: number | undefined;
}

/** One connection that was lent, born at 0 in generation 0, to live for 100 ms and 3 uses, in a pool of two. */
function lent(circumstances: Circumstances): [Stores<number, never>, PooledConnection<number>] {
  const { lifecycle, generation, uses, max, closing, recalled } = circumstances;
  const clock = new VirtualClock();
  const capacity = { tryTake: () => true, give: () => {}, ...(recalled !== undefined && { recalled }) };
  const stores = createStores<number, never>(
    {
      ...{ name: 'orders', driver: simulatedDriver({ clock, timers: clock, random: () => 0 }).driver as never },
      ...{ capacity, clock, timers: clock, random: () => 0, retirement: { maxUses: 3 } },
    },
    () => ({}) as PoolSnapshot,
    () => {},
  );
  const birth = { resource: 1, bornAtMs: 0, expiresAtMs: 100, generation: 0 };
  const all = [1, 2].map((id) => new PooledConnection<number>({ id, ...birth }));
  for (const connection of all) stores.roster.admit(connection);
  for (const connection of all.slice(0, closing)) stores.roster.move(connection, 'closing', 0);
  stores.lifecycle = lifecycle;
  stores.generation = generation;
  stores.bounds = { min: 0, max, absoluteMax: 10 };
  const [, connection] = all as [unknown, PooledConnection<number>];
  connection.uses = uses;
  return [stores, connection];
}

const CIRCUMSTANCES = fc.record<Circumstances>({
  lifecycle: fc.constantFrom('open', 'suspended', 'closing', 'closed'),
  generation: fc.constantFrom(0, 1),
  now: fc.constantFrom(0, 99.5, 100, 200),
  uses: fc.constantFrom(1, 2, 3, 4),
  max: fc.constantFrom(1, 2, 3),
  closing: fc.constantFrom(0, 1),
  recalled: fc.constantFrom(undefined, 0, 1, 2),
});

describe('the short question whether a connection that was lent stays', () => {
  it('is answered yes only where there is no reason to end it', () => {
    fc.assert(
      fc.property(CIRCUMSTANCES, (circumstances) => {
        const [stores, connection] = lent(circumstances);
        const { now } = circumstances;
        if (surelyStays(stores, connection, now)) expect(reasonToEnd(stores, connection, now)).toBe(undefined);
      }),
    );
  });

  it.each<Partial<Circumstances>>([{}, { recalled: 0 }, { now: 99.5, uses: 2, max: 3 }])(
    'is answered yes in a pool where nothing is out of the ordinary: %o',
    (changes) => {
      const ordinary = {
        lifecycle: 'open',
        generation: 0,
        now: 1,
        uses: 1,
        max: 2,
        closing: 0,
        recalled: undefined,
      } as const;
      const [stores, connection] = lent({ ...ordinary, ...changes });
      expect(surelyStays(stores, connection, changes.now ?? 1)).toBe(true);
    },
  );
});
