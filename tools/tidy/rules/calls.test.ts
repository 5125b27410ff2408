import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { bannedCalls } from './calls.ts';

const SOURCE = 'packages/pool-core/src/pool.ts';
const judge = (path: string, text: string) => faultsOf(bannedCalls, { [path]: text });

test.each([
  ['Date.now()', 'Date.now'],
  ['const now = Date.now;', 'Date.now'],
  ['new Date()', 'new Date()'],
  ['new Date', 'new Date()'],
  ['performance.now()', 'performance.now'],
  ['globalThis.performance.now()', 'performance.now'],
  ['process.hrtime.bigint()', 'process.hrtime'],
  ['setTimeout(run, 5)', 'setTimeout'],
  ['globalThis.setTimeout(run, 5)', 'setTimeout'],
  ['const wait = setTimeout;', 'setTimeout'],
  ['const timers = { setTimeout };', 'setTimeout'],
  ['const { setTimeout } = globalThis;', 'setTimeout'],
  ['const { setTimeout: wait } = globalThis;', 'setTimeout'],
  ['setInterval(run, 5)', 'setInterval'],
  ['setImmediate(run)', 'setImmediate'],
  ['clearTimeout(timer)', 'clearTimeout'],
  ['AbortSignal.timeout(5)', 'AbortSignal.timeout'],
  ['Math.random()', 'Math.random'],
])('a package may not use %s', (text, name) => {
  const message = `${name} is real time or chance; take a Clock, Timers or Random as a parameter`;
  expect(judge(SOURCE, `;\n${text}`)).toEqual([`${SOURCE}:2 banned-call: ${message}`]);
});

test('a package may not print', () => {
  const message = 'console.log prints from a library; emit an event or take a logger as a parameter';
  expect(judge(SOURCE, "console.log('x')")).toEqual([`${SOURCE}:1 banned-call: ${message}`]);
});

test('a package may not import real timers either', () => {
  const message = "'node:timers/promises' is real time; take a Clock or Timers as a parameter";
  expect(judge(SOURCE, "import { setTimeout as sleep } from 'node:timers/promises';")).toEqual([
    `${SOURCE}:1 banned-call: ${message}`,
  ]);
});

test.each([
  ['timers.set(5, run)'],
  ['clock.now()'],
  ['this.timers.setTimeout(run)'],
  ['interface Platform { setTimeout(run: () => void): number }'],
  ['type Handle = ReturnType<typeof setTimeout>;'],
  ['new Date(wallNow)'],
  ["'Date.now() and Math.random()'"],
  ['// Date.now()'],
  ['Math.floor(1.5)'],
  ['queueMicrotask(run)'],
])('a package may use %s', (text) => {
  expect(judge(SOURCE, text)).toEqual([]);
});

test('only the three files of resilience touch the real thing, each its own', () => {
  expect(judge('packages/resilience/src/clock.ts', 'Date.now(); performance.now();')).toEqual([]);
  expect(
    judge('packages/resilience/src/timers.ts', 'setTimeout(run, 5); clearTimeout(timer); setImmediate(run);'),
  ).toEqual([]);
  expect(judge('packages/resilience/src/random.ts', 'Math.random()')).toEqual([]);
  expect(judge('packages/resilience/src/random.ts', 'Date.now()')).toHaveLength(1);
  expect(judge('packages/pool-core/src/clock.ts', 'Date.now()')).toHaveLength(1);
  expect(judge('packages/resilience/src/testing/virtual-clock.ts', 'Date.now()')).toHaveLength(1);
});

test('an app prints and reads clocks freely, but its chance has a seed', () => {
  const message = 'Math.random cannot be repeated; use a seeded Random, or systemRandom from outside';
  expect(judge('apps/demo/src/main.ts', "console.log('ready', Date.now()); setTimeout(run, 5);")).toEqual([]);
  expect(judge('apps/demo/src/main.ts', 'Math.random();')).toEqual([`apps/demo/src/main.ts:1 banned-call: ${message}`]);
});

test('tests and tools are free', () => {
  expect(judge('packages/resilience/src/clock.test.ts', 'Date.now()')).toEqual([]);
  expect(judge('tools/workspace/progress.ts', 'performance.now()')).toEqual([]);
});
