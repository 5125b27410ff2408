import { expect, test } from 'vitest';
import { createRig } from '../test/rig.ts';

test('a request keeps its time limit when a listener that hears of it asks for another one, with more time', async () => {
  const { pool, clock } = createRig({ size: { min: 1, max: 1 }, acquire: { timeoutMs: Number.POSITIVE_INFINITY } });
  await clock.advance(5);
  await pool.acquire();
  for (let index = 0; index < 2; index++) void pool.acquire({ timeoutMs: 5_000 }).catch(() => {});
  let times = 1;
  pool.on('request-queued', () => {
    if (times-- > 0) void pool.acquire();
  });
  let code: string | undefined;
  pool.acquire({ timeoutMs: 50 }).catch((error) => {
    code = error.code;
  });
  await clock.advance(51);
  expect(code).toBe('ACQUIRE_TIMEOUT');
});
