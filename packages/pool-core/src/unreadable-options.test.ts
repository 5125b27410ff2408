import { InvalidOptionsError } from '@cryo/resilience';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';
import { settingsFromEnvironment } from './environment.ts';
import { watchNestedAcquires } from './node.ts';
import { createPool } from './pool.ts';
import { createPoolMap } from './pool-map.ts';
import { elastic } from './sizer/elastic.ts';
import { createTransactor } from './transaction.ts';

function boom(): never {
  throw new Error('boom');
}

function withGetter(options: object, name: string): never {
  return Object.defineProperty({ ...options }, name, { get: boom, enumerable: true }) as never;
}

/** Throws at every touch. */
const hostile = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getOwnPropertyDescriptor: boom }) as never;

function revoked(): never {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy as never;
}

let rig: Rig;

beforeEach(() => {
  rig = createRig({ size: { min: 1, max: 2 } });
});

afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(10_000);
  await closed;
});

describe('Options of a pool that throw when they are read', () => {
  test('are faults with the name of the option, beside all others, and nothing is opened.', () => {
    const { driver } = rig;
    const made = () =>
      createPool({ name: 'p', driver, size: withGetter({ min: 9 }, 'max'), acquire: { timeoutMs: 0 } });
    expect(made).toThrow(InvalidOptionsError);
    expect(made).toThrow(
      "createPool 'p': size.max is unreadable, expected an integer from 1 to 100000 connections; " +
        'acquire.timeoutMs is 0, expected a number above 0 ms, or Infinity',
    );
    expect(() => createPool(withGetter({ driver }, 'name'))).toThrow(
      'createPool: name is unreadable, expected a string',
    );
  });

  test('are faults of the driver as well: a proxy in its place lists every method that it does not show.', () => {
    expect(() => createPool({ name: 'p', driver: revoked() })).toThrow(
      "createPool 'p': driver.name is unreadable, expected a string; driver.open is unreadable, expected a function; " +
        'driver.check is unreadable, expected a function; driver.close is unreadable, expected a function; ' +
        'driver.destroy is unreadable, expected a function; driver.reset is unreadable, expected a function',
    );
    expect(() => createPool({ name: 'p', driver: withGetter(rig.driver, 'secrets') })).toThrow(
      "createPool 'p': driver.secrets is unreadable, expected a function",
    );
  });

  const parts = 'size acquire shedding connect breaker validation reset closing retirement leak metrics'.split(' ');
  test.each([...parts, 'driver', 'logger', 'clock', 'timers', 'random', 'capacity'])(
    'are faults of %s, whatever it is that throws there.',
    (part) => {
      const { driver } = rig;
      for (const value of [hostile, revoked()]) {
        const made = () => createPool({ name: 'p', driver, [part]: value });
        expect(made).toThrow(InvalidOptionsError);
        expect(made).toThrow(`createPool 'p': ${part}`);
      }
      expect(() => createPool(withGetter({ name: 'p', driver }, part))).toThrow(`${part} is unreadable`);
    },
  );

  test('are faults of what is expected of the pool, by their names.', () => {
    const { driver } = rig;
    for (const value of [hostile, revoked(), withGetter({ leasesPerFlow: 2 }, 'flows')]) {
      const made = () => createPool({ name: 'p', driver, size: { expect: value } });
      expect(made).toThrow(InvalidOptionsError);
      expect(made).toThrow('size.expect.flows is unreadable, expected an integer of at least 1 flows');
    }
  });

  test('are faults where there is nothing else than they, of a pool, a map of pools and a sizer.', () => {
    for (const options of [hostile, revoked(), null as never, undefined as never]) {
      expect(() => createPool(options)).toThrow(InvalidOptionsError);
      expect(() => createPoolMap(options)).toThrow(InvalidOptionsError);
      if (options !== undefined) expect(() => elastic(options)).toThrow(InvalidOptionsError);
    }
  });
});

describe('What is made of other things than it needs', () => {
  test('is refused by the name of what is missing, from the environment to the watch over nested acquires.', () => {
    expect(() => settingsFromEnvironment(null as never)).toThrow('environment: env is null, expected an object');
    expect(() => settingsFromEnvironment({ CRYO_MAX_CONNECTIONS: 5 } as never)).toThrow(
      'CRYO_MAX_CONNECTIONS is 5, expected a string',
    );
    expect(() => settingsFromEnvironment({}, { prefix: 3 } as never)).toThrow('prefix is 3, expected a string');
    expect(() => createTransactor({} as never)).toThrow(
      'createTransactor: pool.use is undefined, expected a function; driver is undefined, expected an object; ' +
        'statements.begin is undefined, expected a function',
    );
    expect(() => createTransactor(revoked())).toThrow(InvalidOptionsError);
    expect(() => watchNestedAcquires(null as never, {})).toThrow('pool.acquire is undefined, expected a function');
  });
});

describe('Options of a call that throw when they are read', () => {
  test('are faults of the options that this call has.', async () => {
    await rig.clock.advance(10);
    const { pool } = rig;
    expect((await rejectionOf(pool.acquire(withGetter({}, 'label')))).message).toBe(
      "Pool 'orders': acquire: label is unreadable, expected a string",
    );
    expect((await rejectionOf(pool.close(hostile))).message).toBe(
      "Pool 'orders': close: options is unreadable, expected an object; " +
        'timeoutMs is unreadable, expected a number above 0 ms, or Infinity',
    );
    for (const call of [pool.acquire(hostile), pool.ready(hostile), pool.use(() => {}, { signal: hostile })]) {
      expect((await rejectionOf(call)).code).toBe('INVALID_OPTIONS');
    }
    expect(() => pool.resize(hostile)).toThrow(InvalidOptionsError);
    expect(() => pool.tryAcquire(hostile)).toThrow(InvalidOptionsError);
    expect(pool.snapshot()).toMatchObject({ state: 'open', waiting: 0, connections: { leased: 0 } });
  });
});

describe('Listening to what a pool never tells', () => {
  test('is a fault that names what there is, and so is a listener that cannot be called.', () => {
    for (const name of ['lease-grantd', 'toString', '__proto__', Symbol('closed'), undefined]) {
      expect(() => rig.pool.on(name as never, () => {})).toThrow(InvalidOptionsError);
    }
    expect(() => rig.pool.on('lease-grantd' as never, 5 as never)).toThrow(
      /^Pool 'orders': on: event is 'lease-grantd', expected one of 'connection-opened', .*'closed'; listener is 5, expected a function$/,
    );
  });

  test('is the same of a map of pools.', () => {
    const map = createPoolMap({ name: 'tenants', maxConnections: 4, create: () => rig.pool });
    expect(() => map.on('pool-made' as never, () => {})).toThrow(
      "Pool map 'tenants': on: event is 'pool-made', expected one of 'pool-created', 'pool-evicted', 'listener-failed', 'closed'",
    );
  });
});
