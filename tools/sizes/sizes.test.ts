import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUNDLES, of, weigh } from './bundles.ts';

const ALLOWED_GROWTH = 1.05;
const recorded: Readonly<Record<string, number>> = JSON.parse(
  readFileSync(new URL('./recorded.json', import.meta.url), 'utf8'),
);

test.each(BUNDLES)('$name weighs at most 5 % more than recorded', async (bundle) => {
  const { gzippedBytes } = await weigh(bundle);
  expect(gzippedBytes).toBeLessThanOrEqual((recorded[bundle.name] ?? 0) * ALLOWED_GROWTH);
});

test('an import of nothing leaves nothing in the bundle', async () => {
  expect(await weigh({ code: "import {} from './index.js'" })).toEqual({
    minifiedBytes: 0,
    gzippedBytes: 0,
    files: [],
  });
});

test('who imports a retry carries no breaker, and who imports a breaker no retry', async () => {
  const policies = /^(breaker|metrics)\/|^(retry|timeout|bulkhead|rate-limiter|hedge|fallback)\.js$/;
  const retry = (await weigh(of('retry'))).files.filter((file) => policies.test(file));
  const breaker = (await weigh(of('circuitBreaker'))).files.filter((file) => policies.test(file));
  expect(retry).toEqual(['retry.js']);
  expect(breaker.filter((file) => !file.startsWith('breaker/'))).toEqual([]);
});
