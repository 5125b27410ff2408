import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { manifests } from './manifests.ts';

const GOOD = {
  name: '@cryo/resilience',
  description: 'Policies.',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22.12.0' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  files: ['dist', 'src', '!src/**/*.test.ts', 'README.md'],
};

function judge(changes: object, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const prefix = 'packages/resilience/package.json:1 manifest: ';
  return faultsOf(manifests, {
    'packages/resilience/package.json': JSON.stringify({ ...GOOD, ...changes }),
    'packages/resilience/README.md': '',
    'packages/resilience/src/index.ts': "export { systemClock } from './clock.ts';",
    ...files,
  }).map((fault) => fault.replace(prefix, ''));
}

test('a good manifest has no fault', () => {
  expect(judge({})).toEqual([]);
});

test.each([
  [{ name: 'resilience' }, 'name is "resilience"; make it "@cryo/resilience"'],
  [{ license: 'ISC' }, 'license is "ISC"; make it "MIT"'],
  [{ type: undefined }, 'type is missing; make it "module"'],
  [{ sideEffects: true }, 'sideEffects is true; make it false'],
  [{ engines: { node: '>=18' } }, 'engines is {"node":">=18"}; make it {"node":">=22.12.0"}'],
  [{ description: undefined }, 'has no description; say in one sentence what the package is'],
  [{ files: ['dist', 'README.md'] }, "files lacks 'src'; add it, so that it is published"],
  [{ exports: undefined }, "exports has no '.'; add the door of the package"],
  [{ exports: { '.': './dist/index.js' } }, "exports '.' has no default below ./dist; point it at the built file"],
  [{ exports: { '.': null } }, "exports '.' has no default below ./dist; point it at the built file"],
  [
    { exports: { '.': { default: './dist/index.js', types: './dist/index.d.ts' } } },
    "exports '.' does not start with its types; put types: ./dist/index.d.ts first",
  ],
  [
    {
      exports: {
        ...GOOD.exports,
        './testing': { types: './dist/testing/index.d.ts', default: './dist/testing/index.js' },
      },
    },
    "exports './testing' is built from src/testing/index.ts, which does not exist",
  ],
])('%j is a fault', (changes, message) => {
  expect(judge(changes)).toEqual([message]);
});

test('a package without a README is a fault', () => {
  const files = {
    'packages/pool-core/package.json': JSON.stringify({ ...GOOD, name: '@cryo/pool-core' }),
    'packages/pool-core/src/index.ts': '',
  };
  expect(faultsOf(manifests, files)).toEqual([
    'packages/pool-core/package.json:1 manifest: has no README.md beside it; write one with a first example',
  ]);
});

test.each([
  ["export * from './clock.ts';"],
  ["export * as clock from './clock.ts';"],
  ['export const x = 1;'],
  ["import './clock.ts';"],
  ['export default 1;'],
])('a door may not hold %s', (text) => {
  expect(judge({}, { 'packages/resilience/src/index.ts': `/** Door. */\n${text}` })).toEqual([
    'packages/resilience/src/index.ts:2 manifest: a door holds only `export { names } from`; write the names out',
  ]);
});

test('a door may hold types', () => {
  expect(
    judge({}, { 'packages/resilience/src/testing/index.ts': "export { type Clock, type Timers } from '../clock.ts';" }),
  ).toEqual([]);
});
