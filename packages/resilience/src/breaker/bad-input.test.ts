import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { circuitBreaker } from './breaker.ts';
import { keyedBreakers } from './keyed.ts';
import type { CircuitBreakerOptions } from './options.ts';
import type { Permit } from './state.ts';
import { consecutiveFailures, type TripRule } from './trip-rule.ts';

function broken(): never {
  throw new Error('the hook is broken');
}

function setUp(options: Partial<CircuitBreakerOptions> = {}) {
  const faults: string[] = [];
  const breaker = circuitBreaker({
    ...{ name: 'inventory', trip: consecutiveFailures(1), openForMs: 1_000 },
    listenerFailed: ({ event }) => faults.push(event),
    ...options,
  });
  return { breaker, faults };
}

describe('work that misbehaves', () => {
  it('may throw at once, also nothing at all: the caller gets it, and it is a failure', async () => {
    for (const thrown of [new Error('at once'), undefined, null, 0]) {
      const { breaker } = setUp();
      const call = breaker.execute(() => {
        throw thrown;
      });
      await expect(call).rejects.toBe(thrown);
      expect(breaker.state).toMatchObject({ name: 'open', cause: thrown });
    }
  });

  it('may answer what is no promise', async () => {
    const { breaker } = setUp();
    await expect(breaker.execute(() => 7)).resolves.toBe(7);
    await expect(breaker.execute(() => undefined)).resolves.toBeUndefined();
  });

  it('may settle twice, both ways, and throw after that: the first is what counts, once', async () => {
    const { breaker } = setUp({ trip: consecutiveFailures(2) });
    const answers = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
      reject(new Error('first'));
      resolve('second');
      reject(new Error('third'));
      throw new Error('fourth');
    };
    // biome-ignore lint/suspicious/noThenProperty: a thenable that settles twice is what is tested
    const work = () => ({ then: answers }) as PromiseLike<unknown>;
    await expect(breaker.execute(work)).rejects.toThrow('first');
    expect(breaker.state.name).toBe('closed');
    await expect(breaker.execute(work)).rejects.toThrow('first');
    expect(breaker.state.name).toBe('open');
  });

  it('may answer a thenable whose `then` cannot even be read', async () => {
    const { breaker } = setUp();
    await expect(breaker.execute(() => Object.defineProperty({}, 'then', { get: broken }))).rejects.toThrow('broken');
    expect(breaker.state.name).toBe('open');
  });

  it('may never settle, and then it holds nobody else up', async () => {
    const { breaker } = setUp();
    void breaker.execute(() => new Promise(() => {}));
    await expect(breaker.execute(() => 'answer')).resolves.toBe('answer');
  });
});

describe('a trip rule that throws', () => {
  it('does not change how a call ends, and is told of', async () => {
    const record = { succeeded: broken, failed: broken };
    const { breaker, faults } = setUp({ trip: { needs: 'counts', begin: () => record } });
    await expect(breaker.execute(() => 'answer')).resolves.toBe('answer');
    await expect(breaker.execute(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(breaker.state.name).toBe('closed');
    expect(faults).toEqual(['trip', 'trip']);
  });

  it('when a closed period begins leaves the breaker closed, with its last record', () => {
    let begun = 0;
    const trip: TripRule = {
      needs: 'counts',
      begin: () => (begun++ === 0 ? consecutiveFailures(1).begin() : broken()),
    };
    const { breaker, faults } = setUp({ trip });
    breaker.trip('down');
    breaker.reset();
    expect(faults).toEqual(['trip']);
    breaker.settle(breaker.tryAcquire() as Permit, 'failure');
    expect(breaker.state.name).toBe('open');
  });

  it('does not open the breaker by an answer that is no reason', () => {
    const record = { succeeded: () => 7 as never, failed: () => null as never };
    const { breaker } = setUp({ trip: { needs: 'counts', begin: () => record } });
    breaker.settle(breaker.tryAcquire() as Permit, 'success');
    breaker.settle(breaker.tryAcquire() as Permit, 'failure');
    expect(breaker.state.name).toBe('closed');
  });
});

describe('a recovery that throws', () => {
  const line = { since: 0, until: Infinity, from: 0 };

  it.each([
    ['when its ramp begins', { lineFrom: broken, along: () => broken() }],
    ['when its pace is asked for', { lineFrom: () => line, along: broken }],
    ['by answers that are none', { lineFrom: () => line, along: () => undefined as never }],
    ['by a pace that lets nobody pass', { lineFrom: () => line, along: () => ({ waitMs: () => 7 }) as never }],
    ['by a pace that tells no time', { lineFrom: () => line, along: () => ({ passes: () => false }) as never }],
  ])('%s costs the ramp and nothing else', async (_when, recovery) => {
    const { breaker, faults } = setUp({ recovery, halfOpen: { successes: 1 } });
    breaker.trip('down');
    breaker.probeNow();
    await expect(breaker.execute(() => 'the probe works')).resolves.toBe('the probe works');
    expect(breaker.state.name).toBe('closed');
    expect(breaker.retryAfterMs()).toBeUndefined();
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.state).toEqual({ name: 'closed' });
    expect(faults).toEqual(['recovery']);
  });
});

describe('options that are none', () => {
  it('are refused with a typed error instead of one of the language', () => {
    for (const options of [undefined, null, 7, []]) {
      expect(() => circuitBreaker(options as never)).toThrowError(InvalidOptionsError);
      expect(() => keyedBreakers(options as never)).toThrowError(InvalidOptionsError);
    }
  });

  it('are named together with parts that the breaker could not run on', () => {
    const parts = { clock: 7 as never, registry: {} as never, trip: { needs: 'luck' as never, begin: broken } };
    expect(() => setUp(parts)).toThrowError(/trip\.needs is 'luck'.*clock is 7.*registry is an object/);
  });
});
