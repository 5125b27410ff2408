import { expect, test } from 'vitest';
import { blocks } from './all.ts';
import { place } from './blocks.ts';

const made = await blocks();

test.each(made)("the part '$name' of $document is what `node tools/documents/main.ts` writes today", (block) => {
  const { found, made: expected } = place(block);
  expect(found).toBe(expected);
});
