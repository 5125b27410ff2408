import { expect, test } from 'vitest';
import { runChild } from '../../processes.ts';
import { CASES } from './cases.ts';

const PROCESS = new URL('./own-cases-process.ts', import.meta.url);
const LIMIT_MS = 50_000;

test('our own pool keeps every promise that the cases make, as far as they need no real time', async () => {
  const ending = await runChild(PROCESS, [], { limitMs: LIMIT_MS });
  if (ending.kind !== 'answered') throw new Error(`The cases did not end: ${JSON.stringify(ending)}`);
  const expected = CASES.filter(({ time }) => time === 'virtual').map(({ name }) => [name, { kind: 'holds' }]);
  expect(JSON.parse(ending.answer)).toEqual(Object.fromEntries(expected));
});

test('every case has a name and a promise of its own', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  expect(new Set(CASES.map(({ promise }) => promise)).size).toBe(CASES.length);
});
