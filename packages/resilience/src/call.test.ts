import { describe, expect, it } from 'vitest';
import { AttemptContext, hop, Rejection, rejectWith, runOnce, type Work } from './call.ts';

const context = new AttemptContext(undefined, Infinity, 0);
const run = (work: Work<unknown>) => hop(runOnce(work, context), undefined, (error) => new Rejection(error));

describe('the shapes of work', () => {
  it('may answer with a promise', async () => {
    await expect(run(async () => 1)).resolves.toBe(1);
    await expect(run(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('may answer at once', async () => {
    await expect(run(() => 1)).resolves.toBe(1);
    await expect(run(() => undefined)).resolves.toBeUndefined();
  });

  it('may throw at once, and throw anything', async () => {
    for (const thrown of [new Error('no'), undefined, 'no', Promise.resolve('a promise')]) {
      const work = () => {
        throw thrown;
      };
      await expect(run(work).then(Promise.reject, (error) => [error])).resolves.toEqual([thrown]);
    }
  });

  it('may answer with a thenable that is no promise', async () => {
    await expect(run(() => thenable((resolve) => resolve('then')))).resolves.toBe('then');
    await expect(run(() => thenable((_, reject) => reject('no')))).rejects.toBe('no');
  });

  it('may settle a thenable twice: only the first time counts', async () => {
    const twice = thenable((resolve, reject) => {
      resolve('first');
      reject('second');
      resolve('third');
    });
    await expect(run(() => twice)).resolves.toBe('first');
  });

  it('may answer with a thenable whose then throws', async () => {
    const broken = thenable(() => {
      throw new Error('broken');
    });
    await expect(run(() => broken)).rejects.toThrow('broken');
  });

  it('may answer with a promise whose then was patched to call its handlers twice', async () => {
    const promise = Promise.resolve('once');
    const { then } = promise;
    // biome-ignore lint/suspicious/noThenProperty: a patched promise is what is tested
    promise.then = ((onValue: (value: string) => unknown, onError: (error: unknown) => unknown) => {
      then.call(promise, onValue, onError);
      return then.call(promise, onValue, onError);
    }) as typeof promise.then;
    let handled = 0;
    await hop(
      runOnce(() => promise, context),
      () => handled++,
      () => handled++,
    );
    expect(handled).toBe(1);
  });

  it('may answer with a promise of a class of its own', async () => {
    class Query<Row> extends Promise<Row> {}
    await expect(run(() => Query.resolve('row'))).resolves.toBe('row');
  });
});

describe('the context of a try', () => {
  it('gives the caller own signal', () => {
    const { signal } = new AbortController();
    expect(new AttemptContext(signal, 5, 2)).toMatchObject({ signal, deadline: 5, attempt: 2 });
  });

  it('gives a signal that never aborts where the caller gave none', () => {
    const { signal } = new AttemptContext(undefined, Infinity, 0);
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(signal.aborted).toBe(false);
  });

  it('gives the same signal on every reading', () => {
    const made = new AttemptContext(undefined, Infinity, 0);
    expect(made.signal).toBe(made.signal);
  });
});

describe('rejectWith', () => {
  it('rejects with the very error', async () => {
    const error = new Error('no');
    await expect(rejectWith(error)).rejects.toBe(error);
  });

  it('is reported when nobody handles it, and not when somebody does', async () => {
    const reported: unknown[] = [];
    const listener = (reason: unknown) => reported.push(reason);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener);
    rejectWith('handled').catch(() => {});
    void rejectWith('unhandled');
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
    expect(reported).toEqual(['unhandled']);
  });
});

type Settle = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void;

function thenable(then: Settle): PromiseLike<unknown> {
  return { then } as unknown as PromiseLike<unknown>; // as loose as thenables in the wild are
}
