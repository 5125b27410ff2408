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
    files: new Map(),
  });
});

/** The files of an import that only some of its users want. */
async function extras(...names: readonly string[]): Promise<readonly string[]> {
  const wanted = /^(breaker|metrics)\/|^(retry|timeout|bulkhead|rate-limiter|hedge|fallback)\.js$/;
  return [...(await weigh(of(...names))).files.keys()].filter((file) => wanted.test(file));
}

test('who imports a retry carries no breaker, and who imports a breaker no retry', async () => {
  expect(await extras('retry')).toEqual(['retry.js']);
  expect((await extras('circuitBreaker')).filter((file) => !file.startsWith('breaker/'))).toEqual([]);
});

test('what a breaker is saved with, restored from, recovers by and is counted in comes only with who imports it', async () => {
  const optional = /^metrics\/|\/(restore|snapshot|ramp|open-time|failure-rate|slow-call-rate|any-of|keyed)\.js$/;
  const files = await extras('circuitBreaker', 'consecutiveFailures');
  expect(files.filter((file) => optional.test(file))).toEqual([]);
  expect(await extras('circuitBreaker', 'recoveryRamp')).toContain('breaker/ramp.js');
});

test('who keys breakers carries a registry only if there is one', async () => {
  expect((await extras('keyedBreakers')).filter((file) => file.startsWith('metrics/'))).toEqual([]);
});

test('who needs one kind of error carries no other', async () => {
  const { files } = await weigh(of('exponentialBackoff'));
  expect([...files.keys()].filter((file) => file.startsWith('errors/'))).toEqual([
    'errors/cryo-error.js',
    'errors/invalid-options.js',
  ]);
});
