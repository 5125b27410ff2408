import { inspect } from 'node:util';
import { CryoError, isCryoError, isRefusal } from '@cryo/resilience';
import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../test/snapshots.ts';
import { describeCause } from './description.ts';
import {
  AcquireAbortedError,
  AcquireShedError,
  AcquireTimeoutError,
  DriverTimeoutError,
  LeaseReleasedError,
  MisconfiguredError,
  PoolClosedError,
  PoolError,
  QueueFullError,
  ServerUnavailableError,
} from './errors.ts';

const busy = snapshotOf({
  connections: { leased: 18, idle: 0, dialing: 1, checking: 1 },
  waiting: 42,
  oldestWaitMs: 19_999.4,
  oldestLeaseMs: 61_200.7,
});
const refused = new Error('connect ECONNREFUSED 127.0.0.1:5432');
const unavailable = { retryAfterMs: 812.3, cause: refused };

const everyPoolError: readonly (readonly [PoolError, string])[] = [
  [new AcquireTimeoutError(busy, { waitedMs: 20_000 }), 'ACQUIRE_TIMEOUT'],
  [new ServerUnavailableError(busy, unavailable), 'SERVER_UNAVAILABLE'],
  [new MisconfiguredError(busy, unavailable), 'MISCONFIGURED'],
  [new PoolClosedError(busy), 'POOL_CLOSED'],
  [new QueueFullError(busy), 'QUEUE_FULL'],
  [new AcquireShedError(busy, { waitedMs: 200, retryAfterMs: 100, cause: undefined }), 'ACQUIRE_SHED'],
  [new AcquireAbortedError(busy, { waitedMs: 5, cause: 'enough' }), 'ACQUIRE_ABORTED'],
];

describe.each(everyPoolError)('%o', (error, code) => {
  it('is an error of its class and of ours, with its code, its pool and a snapshot', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(CryoError);
    expect(error).toBeInstanceOf(PoolError);
    expect(isCryoError(error)).toBe(true);
    expect(error.name).toBe(error.constructor.name);
    expect(error.code).toBe(code);
    expect(error.pool).toBe('orders');
    expect(error.snapshot).toBe(busy);
    expect(error.message).toMatch(/^Pool 'orders'/);
  });

  it('has no stack trace, and prints in a few lines that begin with its name and message', () => {
    expect(error.stack).toBe(`${error.name}: ${error.message}`);
    const printed = inspect(error);
    // The brackets are Node's way to show that an error has no trace.
    expect(printed.replace(/^\[/, '').startsWith(`${error.name}: ${error.message}`)).toBe(true);
    expect(printed).toContain(`code: '${code}'`);
    expect(printed).not.toContain('snapshot');
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code, message: error.message, pool: 'orders' });
  });
});

describe('an acquire that timed out', () => {
  it('says how long it waited and what the pool was doing', () => {
    expect(new AcquireTimeoutError(busy, { waitedMs: 20_000.2 }).message).toBe(
      "Pool 'orders': no connection within 20000 ms (20 of 20 connections live: 18 leased, 0 idle, 1 dialing, " +
        '1 being checked, reset or closed, 42 waiting, longest lease 61201 ms)',
    );
  });

  it('says what the last dial failed with, which is its cause', () => {
    const error = new AcquireTimeoutError(snapshotOf(), { waitedMs: 20_000, cause: refused });
    expect(error.message).toMatch(/; the last dial failed: connect ECONNREFUSED 127\.0\.0\.1:5432$/);
    expect(error.cause).toBe(refused);
  });

  it('names what is unusual: an open breaker, calls given up on, a suspended pool', () => {
    const unusual = snapshotOf({ abandoned: 2, state: 'suspended', breaker: { state: 'open' } });
    expect(new AcquireTimeoutError(unusual, { waitedMs: 1 }).message).toMatch(
      /dial breaker open, 2 driver calls given up on, suspended\)$/,
    );
  });

  it('has no cause when no dial failed', () => {
    expect('cause' in new AcquireTimeoutError(busy, { waitedMs: 1 })).toBe(false);
  });
});

describe('an unavailable server', () => {
  it('is told with the real cause and when the pool tries again', () => {
    const error = new ServerUnavailableError(busy, unavailable);
    expect(error.message).toBe(
      "Pool 'orders': the server is unavailable: connect ECONNREFUSED 127.0.0.1:5432; next attempt in 812 ms",
    );
    expect(error.cause).toBe(refused);
    expect(error.retryAfterMs).toBe(812.3);
  });

  it('is told without either where neither is known', () => {
    const error = new MisconfiguredError(busy, { retryAfterMs: undefined, cause: undefined });
    expect(error.message).toBe("Pool 'orders': the server refuses this pool");
    expect('cause' in error).toBe(false);
  });

  it('is no refusal by a policy: a breaker around the pool counts it', () => {
    expect(isRefusal(new ServerUnavailableError(busy, unavailable))).toBe(false);
  });
});

describe('the other errors', () => {
  it('an aborted acquire has the reason that the signal gave as its cause', () => {
    expect(new AcquireAbortedError(busy, { waitedMs: 5, cause: 'enough' }).cause).toBe('enough');
  });

  it('a closing pool and a closed one say which they are', () => {
    expect(new PoolClosedError(snapshotOf({ state: 'closing' })).message).toBe("Pool 'orders' is closing");
    expect(new PoolClosedError(snapshotOf({ state: 'closed' })).message).toBe("Pool 'orders' is closed");
  });

  it('a lease used after its end has a stack, since that is a mistake in the code that used it', () => {
    const error = new LeaseReleasedError('orders', { label: 'report', cause: refused });
    expect(error.code).toBe('LEASE_RELEASED');
    expect(error.pool).toBe('orders');
    expect(error.message).toBe("Pool 'orders': the lease 'report' was used after it ended");
    expect(error.cause).toBe(refused);
    expect(error.stack).toContain('errors.test.ts');
    expect('cause' in new LeaseReleasedError('orders')).toBe(false);
  });

  it('a driver that did not answer is told with the phase and the limit', () => {
    const error = new DriverTimeoutError('open', 10_000);
    expect(error).toMatchObject({
      code: 'DRIVER_TIMEOUT',
      name: 'DriverTimeoutError',
      phase: 'open',
      timeoutMs: 10_000,
    });
    expect(error.message).toBe('The driver did not answer within 10000 ms (open)');
  });
});

describe('the line that says what an error says', () => {
  it.each([
    [refused, 'connect ECONNREFUSED 127.0.0.1:5432'],
    [new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]), '::1 refused; 127.0.0.1 refused'],
    [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new RangeError(), 'RangeError'],
    ['a string', 'a string'],
    [undefined, 'undefined'],
    [Object.create(null), 'an unprintable value'],
  ])('%o', (error, line) => {
    expect(describeCause(error)).toBe(line);
  });

  it('ends where errors contain each other', () => {
    const circle = new AggregateError([]);
    circle.errors.push(circle);
    expect(describeCause(circle)).toBe('AggregateError');
  });
});

describe('refusals in bulk', () => {
  it('share the line about their common snapshot', () => {
    const one = new AcquireTimeoutError(busy, { waitedMs: 1 });
    const other = new AcquireTimeoutError(snapshotOf(), { waitedMs: 1 });
    const again = new AcquireTimeoutError(busy, { waitedMs: 1 });
    expect(again.message).toBe(one.message);
    expect(other.message).not.toBe(one.message);
  });

  it('differ where they waited differently or for another reason', () => {
    expect(new AcquireTimeoutError(busy, { waitedMs: 7 }).message).toMatch('within 7 ms');
    expect(new AcquireTimeoutError(busy, { waitedMs: 8 }).message).toMatch('within 8 ms');
    const failed = new AcquireTimeoutError(busy, { waitedMs: 8, cause: refused });
    expect(failed.message).toMatch('connect ECONNREFUSED');
    const otherwise = new AcquireTimeoutError(busy, { waitedMs: 8, cause: new Error('EPIPE') });
    expect(otherwise.message).toMatch('EPIPE');
  });
});
