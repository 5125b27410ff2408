import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { sentences } from './sentences.ts';

const TEST = `describe('close', () => {\n  it('tells every waiter at once', async () => {});\n});\ntest("it's kept", () => {});\n`;
const judge = (text: string, path = 'docs/FEATURES.md') =>
  faultsOf(sentences, { [path]: text, 'packages/pool-core/src/closing.test.ts': TEST });

test('a link to a test whose text is a sentence of it is none, and so is a sentence within a group', () => {
  const at = '(../packages/pool-core/src/closing.test.ts)';
  expect(
    judge(`[tells every waiter at once]${at}; [close › tells every waiter at once]${at} [it's kept]${at}`),
  ).toEqual([]);
});

test('a link whose text is in no test is a fault, each part for itself', () => {
  expect(judge('\n[close › tells nobody](../packages/pool-core/src/closing.test.ts)')).toEqual([
    "docs/FEATURES.md:2 sentence: 'tells nobody' is no sentence of packages/pool-core/src/closing.test.ts",
  ]);
});

test('other documents may call a test what they like', () => {
  expect(judge('[its test](src/closing.test.ts)', 'packages/pool-core/README.md')).toEqual([]);
});
