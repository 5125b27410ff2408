import { expect, test } from 'vitest';
import { Deferred } from './deferred.ts';

test('A deferred promise is settled by an outcome, a result or an error.', async () => {
  const good = new Deferred<number>();
  const bad = new Deferred<number>();
  good.settle({ kind: 'result', value: 7 });
  bad.settle({ kind: 'error', error: 'down' });
  expect(await good.promise).toBe(7);
  await expect(bad.promise).rejects.toBe('down');
});

test('Only the first settlement of a deferred promise counts.', async () => {
  const deferred = new Deferred<string>();
  deferred.resolve('first');
  deferred.reject(new Error('second'));
  deferred.settle({ kind: 'result', value: 'third' });
  expect(await deferred.promise).toBe('first');
});
