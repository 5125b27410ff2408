import { createPool, type Lease, type Pool, type PoolOptions } from '@cryo/pool-core';
import type { SimulatedConnection } from '@cryo/pool-core/testing';
import { expect, test } from 'vitest';
import { replay, simulate } from './run.ts';

type Options = PoolOptions<SimulatedConnection>;
type Driver = Options['driver'];
type SimulatedPool = Pool<SimulatedConnection>;
type Granted = Lease<SimulatedConnection>;

const TIME_LIMIT = { timeout: 300_000 };

/** A pool whose driver lies to it. */
function withDriver(options: Options, change: (driver: Driver) => Partial<Driver>): SimulatedPool {
  return createPool({ ...options, driver: { ...options.driver, ...change(options.driver) } });
}

/** A pool with some methods replaced. */
function withMethods(options: Options, change: (pool: SimulatedPool) => Partial<SimulatedPool>): SimulatedPool {
  const pool = createPool(options);
  const changed = change(pool);
  return new Proxy(pool, {
    get(target, name) {
      const method = Reflect.get(name in changed ? changed : target, name);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}

/** Opens a second connection that it does not count. */
function overdraw(options: Options): SimulatedPool {
  return withDriver(options, ({ open }) => ({
    open(context) {
      open(context).catch(() => {});
      return open(context);
    },
  }));
}

/** Lets requests wait for twice as long as they asked. */
function dawdle(options: Options): SimulatedPool {
  const timeoutMs = options.acquire?.timeoutMs ?? 1;
  return withMethods(options, (pool) => ({
    acquire: (asked) => pool.acquire({ ...asked, timeoutMs: 2 * (asked?.timeoutMs ?? timeoutMs) }),
  }));
}

/** Lets two patient requests swap their answers, so that the younger one is served first. */
function favour(options: Options): SimulatedPool {
  let older: { readonly granted: Promise<Granted>; readonly answer: (granted: Promise<Granted>) => void } | undefined;
  return withMethods(options, (pool) => ({
    acquire(asked) {
      const granted = pool.acquire(asked);
      const patient = (asked?.timeoutMs ?? options.acquire?.timeoutMs) === Number.POSITIVE_INFINITY;
      if (!patient || asked?.signal !== undefined) return granted;
      return new Promise((answer) => {
        const waiting = older;
        older = waiting === undefined ? { granted, answer } : undefined;
        waiting?.answer(granted);
        if (waiting !== undefined) answer(waiting.granted);
        const alone = (): void => {
          if (older?.granted !== granted) return;
          older = undefined;
          answer(granted);
        };
        granted.then(alone, alone);
      });
    },
  }));
}

/** Lends a connection that somebody holds. */
function lendTwice(options: Options): SimulatedPool {
  let last: Granted | undefined;
  return withMethods(options, (pool) => ({
    tryAcquire(asked) {
      try {
        if (last?.connection !== undefined) return last;
      } catch {
        // It was released.
      }
      last = pool.tryAcquire(asked);
      return last;
    },
  }));
}

/** Miscounts the waiters. */
function miscount(options: Options): SimulatedPool {
  return withMethods(options, (pool) => ({
    snapshot() {
      const snapshot = pool.snapshot();
      return Object.freeze({ ...snapshot, waiting: Math.max(1, snapshot.waiting) });
    },
  }));
}

/** Tells that leases were held for a time that is no number. */
function muddle(options: Options): SimulatedPool {
  return withMethods(options, (pool) => ({
    metrics: {
      read(since) {
        const { metrics, ...rest } = pool.metrics.read(since);
        const muddled = metrics.map((one) =>
          one.kind === 'histogram' ? { ...one, histogram: { ...one.histogram, sum: Number.NaN } } : one,
        );
        return { ...rest, metrics: muddled };
      },
    },
  }));
}

/** Takes a lease for somebody who is told that there is none. */
function forget(options: Options): SimulatedPool {
  return withMethods(options, (pool) => ({
    tryAcquire(asked) {
      pool.tryAcquire(asked);
      return undefined;
    },
  }));
}

/** Ends connections behind its own back and does not listen when that fails. */
function ignoreRejections(options: Options): SimulatedPool {
  return withDriver(options, ({ check }) => ({
    check(connection, context) {
      const checking = check(connection, context);
      void checking.finally(() => {});
      return checking;
    },
  }));
}

/** Takes a ticket for every dial and gives none back. */
function leakTickets(options: Options): SimulatedPool {
  let tickets = 12;
  return createPool({ ...options, capacity: { tryTake: () => tickets-- > 0, give: () => {} } });
}

/** Leaves a timer behind. */
function tick(options: Options): SimulatedPool {
  const again = (): void => void options.timers?.set(1_000, again, { background: true });
  again();
  return createPool(options);
}

/** Resets nothing. */
function skipReset(options: Options): SimulatedPool {
  return withDriver(options, ({ reset }) => (reset === undefined ? {} : { reset: () => {} }));
}

/** Dials again ten times as soon as it was told. */
function storm(options: Options): SimulatedPool {
  const { initialDelayMs = 200, maxDelayMs = 10_000 } = options.connect ?? {};
  const hasty = { initialDelayMs: initialDelayMs / 10, maxDelayMs: maxDelayMs / 10 };
  return createPool({ ...options, connect: { ...options.connect, ...hasty } });
}

/** Lets more requests wait than were allowed. */
function overfill(options: Options): SimulatedPool {
  return createPool({ ...options, acquire: { ...options.acquire, queueLimit: Number.POSITIVE_INFINITY } });
}

test.each([
  ['I1', overdraw],
  ['I2', dawdle],
  ['I3', favour],
  ['I4', lendTwice],
  ['I5', miscount],
  ['I5', muddle],
  ['I6', forget],
  ['I7', ignoreRejections],
  ['I8', leakTickets],
  ['I9', tick],
  ['I10', skipReset],
  ['I11', storm],
  ['I12', overfill],
] as const)(
  '%s: a pool that breaks it is found out, and its seed shows it again',
  TIME_LIMIT,
  async (invariant, sabotaged) => {
    const { failures } = await simulate({ runs: 100, seed: 1, steps: 200, mostFailures: 5, createPool: sabotaged });
    const failure = failures.find((found) => found.invariant === invariant);
    expect(failure?.invariant).toBe(invariant);
    const again = await replay(failure?.seed ?? 0, { steps: 200, createPool: sabotaged });
    expect(again.failure).toEqual(failure);
  },
);
