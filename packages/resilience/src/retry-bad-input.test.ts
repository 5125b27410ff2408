import { expect, it } from 'vitest';
import { constantBackoff } from './backoff.ts';
import { InvalidOptionsError } from './errors.ts';
import { retry } from './retry.ts';
import { retryBudget } from './retry-budget.ts';

it('options that are none are refused with a typed error instead of one of the language', () => {
  for (const options of [null, 7, []]) expect(() => retry(options as never)).toThrowError(InvalidOptionsError);
});

it('parts that a retry could not run on are named together with the other faults', () => {
  const given = { maxRetries: Number.NaN, clock: { now: 3 }, timers: {}, registry: 7 };
  const expected = /maxRetries is NaN.*clock is an object.*timers is an object.*registry is 7/;
  expect(() => retry(given as never)).toThrowError(expected);
  expect(() => retryBudget({ capacity: 0, clock: 3 } as never)).toThrowError(/capacity is 0.*clock is 3/);
});

it('work that throws at once, nothing at all included, is tried again and kept in the error', async () => {
  const policy = retry({ maxRetries: 1, backoff: constantBackoff({ delayMs: 0 }) });
  const call = policy.execute(() => {
    throw undefined;
  });
  await expect(call).rejects.toMatchObject({ attempts: [undefined, undefined], reason: 'out-of-retries' });
});

it('work that settles twice has ended once: neither tried again after its result nor counted twice', async () => {
  const policy = retry({ maxRetries: 3, backoff: constantBackoff({ delayMs: 0 }) });
  let tries = 0;
  const answers = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
    tries++;
    resolve('first');
    reject(new Error('second'));
    throw new Error('third');
  };
  // biome-ignore lint/suspicious/noThenProperty: a thenable that settles twice is what is tested
  await expect(policy.execute(() => ({ then: answers }) as PromiseLike<unknown>)).resolves.toBe('first');
  expect(tries).toBe(1);
});
