import { describe, expect, expectTypeOf, it } from 'vitest';
import { constantBackoff } from './backoff.ts';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import type { ExecuteOptions, PolicyContext, Work } from './call.ts';
import { InvalidOptionsError } from './errors.ts';
import { compose, type Policy } from './policy.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

/** A policy from somewhere else: all it has is `execute`. */
class Foreign<Alternative = never> implements Policy<Alternative> {
  readonly #around: (run: () => Promise<unknown>) => Promise<unknown>;

  constructor(around: (run: () => Promise<unknown>) => Promise<unknown> = (run) => run()) {
    this.#around = around;
  }

  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result | Alternative> {
    const context = { signal: options?.signal, deadline: options?.deadline } as PolicyContext;
    return this.#around(async () => work(context)) as Promise<Result>;
  }
}

const clock = new VirtualClock();
const attempts = (maxRetries: number) =>
  retry({ maxRetries, backoff: constantBackoff({ delayMs: 10 }), clock, timers: clock });
const breaker = (threshold = 5) =>
  circuitBreaker({ name: 'site', trip: consecutiveFailures(threshold), openForMs: 1_000, clock });

describe('compose', () => {
  it('runs the first policy outermost: a retry around a breaker sees its refusals', async () => {
    const call = compose(attempts(3), breaker(1));
    let tries = 0;
    const failing = call.execute(() => {
      tries++;
      throw new Error('down');
    });
    const settled = expect(failing).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED' });
    await clock.advance(10_000);
    await settled;
    expect(tries).toBeGreaterThan(1);
  });

  it('runs the last policy innermost: a breaker around a retry sees one call', async () => {
    const around = breaker(2);
    const call = compose(around, attempts(3));
    for (const state of ['closed', 'open']) {
      const settled = expect(call.execute(() => Promise.reject(new Error('down')))).rejects.toThrow();
      await clock.advance(100);
      await settled;
      expect(around.state.name).toBe(state);
    }
  });

  it('composes what was composed before', async () => {
    const around = breaker();
    const call = compose(compose(attempts(1)), compose(around));
    let tries = 0;
    const call1 = call.execute(() => (++tries < 2 ? Promise.reject(new Error('once')) : 'fine'));
    await clock.advance(10);
    await expect(call1).resolves.toBe('fine');
  });

  it('runs work as it is when there is no policy', async () => {
    await expect(compose().execute(({ attempt }) => attempt)).resolves.toBe(0);
  });

  it('hands signal, deadline and attempt to the work', async () => {
    const { signal } = new AbortController();
    const call = compose(attempts(1), breaker());
    const seen: PolicyContext[] = [];
    const options = { signal, deadline: clock.now() + 5_000 };
    const running = call.execute((context) => {
      seen.push(context);
      if (context.attempt === 0) throw new Error('once');
    }, options);
    await clock.advance(10);
    await running;
    expect(seen.map(({ attempt }) => attempt)).toEqual([0, 1]);
    expect(seen.every((context) => context.signal === signal && context.deadline === options.deadline)).toBe(true);
  });

  it('names every argument that is no policy', () => {
    const wrong = [{}, undefined, breaker(), 7] as unknown as Policy[]; // what a caller without types may do
    const make = () => compose(...wrong);
    expect(make).toThrow(InvalidOptionsError);
    expect(make).toThrow(/policies\[0\] is an object.*policies\[1\] is undefined.*policies\[3\] is 7/);
  });
});

describe('a foreign policy', () => {
  it('is called as it stands, at its place', async () => {
    const log: string[] = [];
    const foreign = new Foreign(async (run) => {
      log.push('before');
      const result = await run();
      log.push('after');
      return result;
    });
    for (const call of [compose(foreign), compose(attempts(1), foreign), compose(foreign, breaker())]) {
      await expect(call.execute(() => log.push('work'))).resolves.toBeTypeOf('number');
    }
    expect(log).toEqual(Array(3).fill(['before', 'work', 'after']).flat());
  });

  it('hands signal, deadline and attempt on to what is inside of it', async () => {
    const { signal } = new AbortController();
    const call = compose(attempts(1), new Foreign(), breaker());
    const seen: PolicyContext[] = [];
    const running = call.execute(
      (context) => {
        seen.push(context);
        if (context.attempt === 0) throw new Error('once');
      },
      { signal, deadline: clock.now() + 500 },
    );
    await clock.advance(10);
    await running;
    expect(seen.map(({ attempt }) => attempt)).toEqual([0, 1]);
    expect(seen.every((context) => context.signal === signal && context.deadline < Infinity)).toBe(true);
  });

  it('may give its work a signal of its own', async () => {
    const own = new AbortController();
    const deadline = clock.now() + 9;
    const policy: Policy = {
      execute: async (work) => work({ signal: own.signal, deadline, attempt: 4 }),
    };
    const seen: PolicyContext[] = [];
    await compose(policy, breaker()).execute((context) => seen.push(context));
    await compose(policy).execute((context) => seen.push(context));
    for (const context of seen) expect(context).toMatchObject({ signal: own.signal, deadline, attempt: 4 });
  });

  it('may give its work nothing', async () => {
    const policy: Policy = { execute: async (work) => (work as () => never)() };
    await compose(policy).execute((context) => {
      expect(context).toMatchObject({ deadline: Infinity, attempt: 0 });
      expect(context.signal.aborted).toBe(false);
    });
  });

  it('may not give its work a deadline or a signal that is none', async () => {
    for (const given of [{ deadline: Number.NaN }, { signal: 5 }]) {
      const policy: Policy = { execute: async (work) => work(given as never) };
      const call = compose(policy, breaker()).execute(() => 'ran');
      await expect(call).rejects.toThrow(/^execute\(\): (deadline is NaN|signal is 5), expected /);
    }
  });

  it('begins no work, though it is the innermost, once the caller has aborted its wait', async () => {
    const controller = new AbortController();
    const slow = new Foreign(async (run) => {
      await Promise.resolve();
      return run();
    });
    const call = compose(breaker(), slow).execute(() => 'ran', { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('may throw at once, or answer with no promise: execute still rejects or resolves', async () => {
    const throws: Policy = {
      execute() {
        throw new Error('sloppy');
      },
    };
    const answers = { execute: () => 'at once' } as unknown as Policy; // no promise, against its type
    await expect(compose(throws).execute(() => 1)).rejects.toThrow('sloppy');
    await expect(compose(answers, breaker()).execute(() => 1)).resolves.toBe('at once');
  });
});

describe('the type of a result', () => {
  it('is that of the work', () => {
    expectTypeOf(breaker().execute(() => 1)).resolves.toEqualTypeOf<number>();
    expectTypeOf(compose(attempts(1), breaker()).execute(async () => 'text')).resolves.toEqualTypeOf<string>();
    expectTypeOf(compose().execute(() => true)).resolves.toEqualTypeOf<boolean>();
  });

  it('is joined by what a policy may answer instead', () => {
    const cache: Policy<'stale'> = new Foreign<'stale'>();
    const fallback: Policy<undefined> = new Foreign<undefined>();
    const call = compose(cache, attempts(1), fallback);
    expectTypeOf(call).toEqualTypeOf<Policy<'stale' | undefined>>();
    expectTypeOf(call.execute(() => 1)).resolves.toEqualTypeOf<number | 'stale' | undefined>();
    expectTypeOf(compose(call, breaker())).toEqualTypeOf<Policy<'stale' | undefined>>();
  });

  it('may be anything, or unknown, where what comes instead may be', () => {
    // biome-ignore lint/suspicious/noExplicitAny: what comes without a type is what is tested
    const anything: Policy<any> = new Foreign();
    const unknown: Policy<unknown> = new Foreign<unknown>();
    expectTypeOf(compose(anything, breaker()).execute(() => 1)).resolves.toBeAny();
    expectTypeOf(compose(breaker(), unknown).execute(() => 1)).resolves.toBeUnknown();
    const cache: Policy<'stale'> = new Foreign<'stale'>();
    // biome-ignore lint/suspicious/noExplicitAny: a policy without a type takes nothing from what others say
    expectTypeOf(compose(cache, breaker() as any).execute(() => 1)).resolves.toEqualTypeOf<number | 'stale'>();
    // biome-ignore lint/suspicious/noExplicitAny: a policy without a type says nothing of what comes instead
    expectTypeOf(compose(breaker() as any, breaker()).execute(() => 1)).resolves.toEqualTypeOf<number>();
  });

  it('is taken to be that of the work for a policy that does not say otherwise', () => {
    const unsaid = { execute: <Result>(work: Work<Result>) => Promise.resolve(work({} as PolicyContext)) };
    expectTypeOf(compose(unsaid, breaker()).execute(() => 1)).resolves.toEqualTypeOf<number>();
  });
});
