import nodeAssert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { type Assertions, standIn } from './stand-in.ts';

const same = { a: [1, { b: 'x' }], c: Number.NaN };
const broken = Object.assign(new Error('no vial'), { code: 'GONE' });
const raise = (): never => {
  throw broken;
};

const CASES: readonly (readonly [string, (assert: Assertions) => unknown])[] = [
  ['a condition that holds', (assert) => assert(1)],
  ['a condition that does not', (assert) => assert(0, 'zero')],
  ['equal values', (assert) => assert.equal('a', 'a')],
  ['NaN twice', (assert) => assert.equal(Number.NaN, Number.NaN)],
  ['unequal values', (assert) => assert.equal(1, '1')],
  ['equal structures', (assert) => assert.deepEqual(structuredClone(same), same)],
  ['a structure with another value inside', (assert) => assert.deepEqual({ ...same, a: [1, { b: 'y' }] }, same)],
  ['a structure with one key more', (assert) => assert.deepEqual({ ...same, d: undefined }, same)],
  ['lists of different lengths', (assert) => assert.deepEqual([1, 2], [1])],
  ['a list and an object', (assert) => assert.deepEqual([], {})],
  ['a text that matches', (assert) => assert.match('no vial', /vial/)],
  ['a text that does not', (assert) => assert.match('no vial', /flask/)],
  ['an error that is expected', (assert) => assert.throws(raise, { code: 'GONE', message: 'no vial' })],
  ['an error with another code', (assert) => assert.throws(raise, { code: 'HERE' })],
  ['an error whose text does not match', (assert) => assert.throws(raise, /flask/)],
  ['no error at all', (assert) => assert.throws(() => {})],
  ['a rejection that is expected', (assert) => assert.rejects(Promise.reject(broken), /vial/)],
  ['a rejection with another code', (assert) => assert.rejects(async () => raise(), { code: 'HERE' })],
  ['no rejection at all', (assert) => assert.rejects(Promise.resolve())],
];

test.each(CASES)('the stand-in judges %s as node:assert does', async (_name, run) => {
  expect(await holds(run, standIn)).toBe(await holds(run, nodeAssert));
});

test('a failed assertion of the stand-in says what it wanted and what it got', () => {
  expect(() => standIn.equal('flask', 'vial')).toThrow("expected 'vial', got 'flask'");
});

async function holds(run: (assert: Assertions) => unknown, assert: Assertions): Promise<boolean> {
  try {
    await run(assert);
    return true;
  } catch {
    return false;
  }
}
