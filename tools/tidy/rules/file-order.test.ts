import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { filesInOrder } from './file-order.ts';

const judge = (path: string, text: string) => faultsOf(filesInOrder, { [path]: text });

test('a file imports what stands before it, also from a folder beside its own', () => {
  expect(
    judge('packages/resilience/src/breaker/breaker.ts', "import '../events.ts';\nimport './trip-rule.ts';"),
  ).toEqual([]);
  expect(
    judge('packages/pool-sqlite/src/sqlite-driver.ts', "import './sqlite-errors.ts';\nimport './thread-link.ts';"),
  ).toEqual([]);
});

test('the options of a policy stand right after the errors they throw', () => {
  expect(judge('packages/resilience/src/options.ts', "import './errors.ts';")).toEqual([]);
});

test('a file that imports one standing after it is named with the line of the import', () => {
  expect(judge('packages/resilience/src/clock.ts', "import './errors.ts';\nimport './random.ts';")).toEqual([
    'packages/resilience/src/clock.ts:2 file-order: imports random, which stands after clock; move what is shared into a file before both',
  ]);
});

test('a file may not import itself', () => {
  expect(judge('packages/resilience/src/clock.ts', "export { x } from './clock.ts';")).toHaveLength(1);
});

test('a file that is in no list is a fault, and so is the import of one', () => {
  expect(judge('packages/pool-core/src/utilities.ts', '')).toEqual([
    'packages/pool-core/src/utilities.ts:1 file-order: utilities is not in the list of pool-core; put it where it belongs in tools/tidy/order.ts',
  ]);
  expect(judge('packages/pool-core/src/pool.ts', "import './utilities.ts';")).toEqual([
    'packages/pool-core/src/pool.ts:1 file-order: imports utilities, which is not in the list of its package; add it to tools/tidy/order.ts',
  ]);
});

test('a package without a list is a fault', () => {
  expect(judge('packages/prometheus/src/index.ts', '')).toEqual([
    'packages/prometheus/src/index.ts:1 file-order: prometheus has no list of files; write one in tools/tidy/order.ts',
  ]);
});

test('a fake imports anything, and only another fake imports it', () => {
  expect(
    judge('packages/pool-core/src/testing/invariants.ts', "import '../pool.ts';\nimport './simulated-driver.ts';"),
  ).toEqual([]);
  expect(judge('packages/pool-core/src/index.ts', "import './testing/invariants.ts';")).toEqual([
    'packages/pool-core/src/index.ts:1 file-order: imports testing/invariants; nothing outside testing/ may import a fake',
  ]);
});

test('tests and apps stand in no order', () => {
  expect(judge('packages/resilience/src/clock.test.ts', "import './index.ts';")).toEqual([]);
  expect(judge('apps/demo/src/main.ts', "import './service.ts';")).toEqual([]);
});
