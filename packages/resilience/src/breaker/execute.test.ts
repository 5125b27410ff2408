import { describe, expect, it } from 'vitest';
import type { PolicyContext, Work } from '../call.ts';
import { AbortedError, BreakerOpenError, InvalidOptionsError } from '../errors.ts';
import type { Verdict } from '../outcome.ts';
import { compose } from '../policy.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { timeout } from '../timeout.ts';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreaker } from './contract.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { consecutiveFailures, type TripRule } from './trip-rule.ts';

/** The same breaker is asked alone, and as the only part of something composed: both have to do the same. */
const ways = {
  'asked alone': (breaker: CircuitBreaker) => breaker,
  'in a composition': (breaker: CircuitBreaker) => compose(breaker),
};

describe.each(Object.entries(ways))('a breaker %s', (_way, through) => {
  function setUp(options: Partial<CircuitBreakerOptions> = {}) {
    const clock = new VirtualClock();
    const breaker = circuitBreaker({
      ...{ name: 'inventory', trip: consecutiveFailures(2), openForMs: 1_000, clock },
      ...options,
    });
    return { clock, breaker, policy: through(breaker) };
  }

  it('gives the caller what the work gives', async () => {
    const { policy } = setUp();
    await expect(policy.execute(async () => 'async')).resolves.toBe('async');
    await expect(policy.execute(() => 'at once')).resolves.toBe('at once');
    await expect(policy.execute(() => undefined)).resolves.toBeUndefined();
  });

  it('gives the caller the very error of the work, and counts it', async () => {
    const { breaker, policy } = setUp();
    const error = new Error('down');
    await expect(policy.execute(() => Promise.reject(error))).rejects.toBe(error);
    const throws = () => {
      throw error;
    };
    await expect(policy.execute(throws)).rejects.toBe(error);
    expect(breaker.state).toMatchObject({ name: 'open', cause: error });
  });

  it('does not run work while it is open', async () => {
    const { breaker, policy } = setUp();
    breaker.trip('down');
    let ran = 0;
    const refused = policy.execute(() => ran++);
    await expect(refused).rejects.toBeInstanceOf(BreakerOpenError);
    await expect(refused).rejects.toMatchObject({ breaker: 'inventory', cause: 'down', retryAfterMs: 1_000 });
    await expect(policy.execute(() => ran++, {})).rejects.toBeInstanceOf(BreakerOpenError);
    expect(ran).toBe(0);
  });

  it('refuses every caller with an error of its own', async () => {
    const { clock, breaker, policy } = setUp();
    breaker.trip('down');
    const first = await policy.execute(() => 1).catch((error: unknown) => error);
    await clock.advance(300);
    const second = await policy.execute(() => 1).catch((error: unknown) => error);
    Object.assign(Object(first), { requestId: 1 });
    expect(second).toMatchObject({ message: "Circuit breaker 'inventory' is open", retryAfterMs: 700 });
    expect(second).not.toHaveProperty('requestId');
  });

  it('probes, and closes', async () => {
    const { clock, breaker, policy } = setUp({ halfOpen: { successes: 2 } });
    breaker.trip('down');
    await clock.advance(1_000);
    const probe = policy.execute(() => 'up');
    await expect(policy.execute(() => 'up')).rejects.toMatchObject({ state: 'half-open' });
    await expect(probe).resolves.toBe('up');
    expect(breaker.state.name).toBe('half-open');
    await expect(policy.execute(() => 'up')).resolves.toBe('up');
    expect(breaker.state.name).toBe('closed');
  });

  it('takes no notice of an outcome that comes after the state has changed', async () => {
    const { breaker, policy } = setUp();
    let fail: (error: unknown) => void = () => {};
    const early = policy.execute(() => new Promise((_, reject) => (fail = reject)));
    breaker.trip('down');
    breaker.reset();
    const { state } = breaker;
    fail('late');
    await expect(early).rejects.toBe('late');
    await expect(policy.execute(() => Promise.reject('first'))).rejects.toBe('first');
    expect(breaker.state).toBe(state);
  });

  it('counts a thenable that settles twice once', async () => {
    const { breaker, policy } = setUp();
    const twice = {
      // biome-ignore lint/suspicious/noThenProperty: a bad thenable is what is tested
      then(_: unknown, reject: (error: unknown) => void) {
        reject('no');
        reject('no, no');
      },
    };
    await expect(policy.execute(() => twice as PromiseLike<never>)).rejects.toBe('no');
    expect(breaker.state.name).toBe('closed');
  });

  it('is not held up by work that never settles', async () => {
    const { clock, breaker, policy } = setUp({ halfOpen: { leaseMs: 100, successes: 1 } });
    const never = () => new Promise<never>(() => {});
    void policy.execute(never);
    await expect(policy.execute(() => 'fine')).resolves.toBe('fine');
    breaker.trip('down');
    await clock.advance(1_000);
    void policy.execute(never);
    await expect(policy.execute(() => 'up')).rejects.toBeInstanceOf(BreakerOpenError);
    await clock.advance(100);
    await expect(policy.execute(() => 'up')).resolves.toBe('up');
    expect(breaker.state.name).toBe('closed');
  });

  it('judges results and errors as it is told', async () => {
    const judgeResult = (result: unknown): Verdict => (result === 503 ? 'failure' : 'success');
    const judgeError = (error: unknown): Verdict => (error === 'not found' ? 'success' : 'failure');
    const { breaker, policy } = setUp({ judgeResult, judgeError });
    await expect(policy.execute(() => 503)).resolves.toBe(503);
    await expect(policy.execute(() => Promise.reject('not found'))).rejects.toBe('not found');
    await policy.execute(() => 503);
    expect(breaker.state.name).toBe('closed');
    await policy.execute(() => 503);
    expect(breaker.state).toMatchObject({ name: 'open', cause: 503 });
  });

  it('falls back on its own judgement where the user judge is broken, and changes no result', async () => {
    const faults: string[] = [];
    const broken = () => {
      throw new Error('broken');
    };
    const listenerFailed = ({ event }: { event: string }) => faults.push(event);
    const { breaker, policy } = setUp({ judgeResult: broken, judgeError: () => false as never, listenerFailed });
    await expect(policy.execute(() => Promise.reject('down'))).rejects.toBe('down');
    await expect(policy.execute(() => 'up')).resolves.toBe('up');
    await expect(policy.execute(() => Promise.reject('down'))).rejects.toBe('down');
    expect(breaker.state.name).toBe('closed');
    expect(faults).toEqual(['judgeError', 'judgeResult', 'judgeError']);
  });

  it('calls what ends an aborted call neutral, and tells its judge of the signal', async () => {
    const signals: unknown[] = [];
    const controller = new AbortController();
    const { breaker, policy } = setUp();
    const work = ({ signal }: PolicyContext) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('socket closed'))));
    const calls = [1, 2, 3].map(() => policy.execute(work, { signal: controller.signal }));
    controller.abort();
    await Promise.allSettled(calls);
    expect(breaker.state.name).toBe('closed');
    const judged = setUp({
      judgeError(_error, signal) {
        signals.push(signal);
        return 'failure';
      },
    });
    const { signal } = new AbortController();
    await expect(judged.policy.execute(() => Promise.reject(1), { signal })).rejects.toBe(1);
    expect(signals).toEqual([signal]);
  });

  it.each([[undefined], [{}]])(
    'calls work neutral that cancels itself, with no signal and no time limit: %o',
    async (options) => {
      const { breaker, policy } = setUp({ trip: consecutiveFailures(1) });
      const work = () => Promise.reject(new DOMException('This operation was aborted', 'AbortError'));
      await expect(policy.execute(work, options)).rejects.toThrow('aborted');
      expect(breaker.state.name).toBe('closed');
    },
  );

  it('does not run work whose caller has aborted already, and counts nothing', async () => {
    const { breaker, policy } = setUp();
    const options = { signal: AbortSignal.abort('before') };
    for (const open of [false, true]) {
      if (open) breaker.trip('down');
      await expect(policy.execute(() => 'ran', options)).rejects.toBeInstanceOf(AbortedError);
    }
  });

  it('gives work a context with deadline, attempt and a signal', async () => {
    const { policy } = setUp();
    const { signal } = new AbortController();
    const context = await policy.execute((given) => given, { signal, deadline: 700 });
    expect(context).toMatchObject({ signal, deadline: 700, attempt: 0 });
    const plain = await policy.execute((given) => given);
    expect(plain).toMatchObject({ deadline: Infinity, attempt: 0 });
    expect(plain.signal.aborted).toBe(false);
  });

  it('refuses work that is no function, and counts nothing', async () => {
    const { breaker, policy } = setUp({ trip: consecutiveFailures(1) });
    await expect(policy.execute('select 1' as unknown as Work<never>)).rejects.toThrow(InvalidOptionsError); // untyped
    expect(breaker.state.name).toBe('closed');
  });

  it('tells a rule that wants durations how long each call took', async () => {
    const seen: unknown[] = [];
    const trip: TripRule = {
      needs: 'durations',
      begin: () => ({
        succeeded: (now, durationMs) => void seen.push(['success', now, durationMs]),
        failed: (now, durationMs) => `slow: ${seen.push(['failure', now, durationMs])}`,
      }),
    };
    const { clock, breaker, policy } = setUp({ trip });
    const lasting = (ms: number, settle: (resolve: () => void, reject: (error: unknown) => void) => void) =>
      policy.execute(() => new Promise<void>((a, b) => clock.set(ms, () => settle(a, b), { background: false })));
    const calls = [lasting(40, (resolve) => resolve()), lasting(70, (_, reject) => reject('no'))];
    const settled = Promise.allSettled(calls);
    await clock.advance(100);
    await settled;
    expect(seen).toEqual([
      ['success', 40, 40],
      ['failure', 70, 70],
    ]);
    expect(breaker.state).toMatchObject({ name: 'open', reason: 'slow: 2' });
  });

  it('tells a rule that wants time when each outcome came, and no other rule', async () => {
    const seen: [number, number | undefined][] = [];
    const rule = (needs: TripRule['needs']): TripRule => {
      const record = (now: number, durationMs: number | undefined) => void seen.push([now, durationMs]);
      return { needs, begin: () => ({ succeeded: record, failed: record }) };
    };
    for (const needs of ['time', 'counts'] as const) {
      const { clock, policy } = setUp({ trip: rule(needs) });
      await clock.advance(30);
      await policy.execute(() => 'fine');
    }
    expect(seen).toEqual([
      [30, undefined],
      [Number.NaN, undefined],
    ]);
  });

  it('leaves an error that nobody handles to the report of the platform', async () => {
    const { policy } = setUp();
    const reported: unknown[] = [];
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', (reason) => reported.push(reason));
    void policy.execute(() => Promise.reject('nobody asked'));
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
    expect(reported).toEqual(['nobody asked']);
  });
});

describe('a breaker inside of a timeout', () => {
  function setUp(options: Partial<CircuitBreakerOptions> = {}) {
    const clock = new VirtualClock();
    const breaker = circuitBreaker({
      ...{ name: 'inventory', trip: consecutiveFailures(3), openForMs: 1_000, clock },
      ...options,
    });
    const hung = ({ signal }: PolicyContext) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('This operation was aborted', 'AbortError')));
      });
    const policy = compose(timeout({ ms: 15, clock, timers: clock }), breaker);
    const call = async (signal?: AbortSignal) => {
      const outcome = policy.execute(hung, { signal }).catch((error: unknown) => error);
      await clock.advance(15);
      return outcome;
    };
    return { clock, breaker, call };
  }

  it('counts work that ends with an AbortError when the time is up: that was nobody who cancelled it', async () => {
    const { clock, breaker, call } = setUp();
    for (const _ of [1, 2, 3]) expect(await call()).toMatchObject({ name: 'TimeoutError' });
    expect(breaker.state).toMatchObject({ name: 'open', reason: '3 calls in a row failed' });
    await clock.advance(1_000);
    await call();
    expect(breaker.state).toMatchObject({ name: 'open', reason: 'a probe failed' });
  });

  it('counts nothing where the caller has aborted before the time is up', async () => {
    const { breaker, call } = setUp({ trip: consecutiveFailures(1) });
    const controller = new AbortController();
    const calls = call(controller.signal);
    controller.abort();
    await calls;
    expect(breaker.state.name).toBe('closed');
  });

  it('tells a judge of no signal when only a time limit has ended the work', async () => {
    const signals: unknown[] = [];
    const { call } = setUp({
      judgeError(_error, signal) {
        signals.push(signal);
        return 'neutral';
      },
    });
    await call();
    expect(signals).toEqual([undefined]);
  });
});
