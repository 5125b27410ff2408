import { expect, test } from 'vitest';
import { treeOf } from './fixture.ts';

test('every text file is read with its path from the root', () => {
  const tree = treeOf({ 'README.md': 'hello', 'packages/resilience/src/clock.ts': 'export {};' });
  expect([...tree].toSorted()).toEqual([
    ['README.md', 'hello'],
    ['packages/resilience/src/clock.ts', 'export {};'],
  ]);
});

test('generated folders and binary files are left out', () => {
  const tree = treeOf({
    'node_modules/x/index.js': '',
    'packages/x/dist/index.js': '',
    'packages/x/.examples/one.ts': '',
    '.git/HEAD': '',
    'image.png': 'a\0b',
    'kept.txt': '',
  });
  expect([...tree.keys()]).toEqual(['kept.txt']);
});
