import { afterAll, expect, test } from 'vitest';
import { seekRuntimes } from './all.ts';
import { allCases, type Case, caseOf } from './case.ts';
import { type Place, preparePlace, removePlace } from './place.ts';
import { judge, type Sought } from './runtime.ts';

const cases = allCases();
const IMPORT = "import assert from 'node:assert';\n";
const CONTROLS: Readonly<Record<string, string>> = {
  holds: 'assert(true);',
  throws: "assert(true);\nthrow new Error('cracked');",
  'fails an assertion': 'assert.equal(1, 2);',
  'leaves a rejection unhandled': "assert(true);\nvoid Promise.reject(new Error('nobody'));",
  'makes no assertion': 'const later = () => assert(true);',
  'never reaches its end': 'assert(true);\nawait new Promise(() => {});',
};
const controls = Object.entries(CONTROLS).map(([document, code]) =>
  caseOf({ document, heading: document, line: 1, code: IMPORT + code }),
);
const place = preparePlace([...cases, ...controls]);
const runtimes = await seekRuntimes();
const LIMIT = { timeout: 300_000 };

afterAll(() => removePlace(place));

test('there are examples and checks to run, and most of them need nothing but a web platform', () => {
  const portable = cases.filter(({ needs }) => needs.length === 0);
  expect(new Set(portable.map(({ kind }) => kind))).toEqual(new Set(['example', 'check']));
  expect(portable.length).toBeGreaterThan(cases.length / 2);
});

test('the Node of the workspace and the edge-like platform are always there', () => {
  expect(runtimes.slice(0, 2).map(({ state }) => state)).toEqual(['found', 'found']);
});

test.for(runtimes.map(named))('on %s every example and every check holds', LIMIT, async ([, sought], context) => {
  if (sought.state === 'missing') return skipOrFail(sought.reason, context.skip);
  const judged = await judge(sought.runtime, place, cases);
  const failed = judged.filter(({ verdict }) => verdict === 'fails');
  expect(failed.map(({ case: one, reason }) => `${one.name}: ${reason}`)).toEqual([]);
  expect(judged.filter(({ verdict }) => verdict === 'holds').length).toBeGreaterThan(0);
});

test.for(runtimes.map(named))('on %s a case that is broken is found out', LIMIT, async ([, sought], context) => {
  if (sought.state === 'missing') return skipOrFail(sought.reason, context.skip);
  // A page has no end of its own, and Bun waits for what never comes: both would take until their limit.
  const told = /Chromium|Bun/.test(sought.runtime.name) ? controls.slice(0, -1) : controls;
  expect(await verdicts(sought, place, told)).toEqual(told.map((_, index) => (index === 0 ? 'holds' : 'fails')));
});

function named(sought: Sought): readonly [string, Sought] {
  return [sought.state === 'found' ? sought.runtime.name : sought.name, sought];
}

async function verdicts(sought: Extract<Sought, { state: 'found' }>, where: Place, told: readonly Case[]) {
  return (await judge(sought.runtime, where, told)).map(({ verdict }) => verdict);
}

function skipOrFail(reason: string, skip: (note: string) => void): void {
  if (process.env.CRYO_REQUIRE_RUNTIMES === '1') throw new Error(`missing: ${reason}`);
  skip(reason);
}
