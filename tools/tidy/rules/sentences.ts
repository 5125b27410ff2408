/**
 * Owns the sentences that a page under docs/ shows a promise by: the text of a link to a test is one that stands in that test.
 * It must never know what is promised, nor run a test.
 */
import { dirname, posix } from 'node:path';
import type { Fault } from '../fault.ts';
import type { Repository } from '../rule.ts';
import type { Tree } from '../tree.ts';

const RULE = 'sentence';
const LINK = /\[([^\]]+)\]\(([^()\s]+\.test\.ts)\)/g;
/** Between the sentence of a group and that of a test in it. */
const WITHIN = ' › ';

export function sentences({ tree }: Repository): readonly Fault[] {
  return [...tree.keys()]
    .filter((path) => path.startsWith('docs/') && path.endsWith('.md'))
    .flatMap((path) => (tree.get(path) ?? '').split('\n').flatMap((text, index) => judge(tree, path, text, index + 1)));
}

function judge(tree: Tree, path: string, text: string, line: number): readonly Fault[] {
  return [...text.matchAll(LINK)].flatMap(([, shown = '', target = '']) => {
    const test = posix.join(dirname(path), target);
    const source = tree.get(test) ?? '';
    return shown
      .split(WITHIN)
      .filter((sentence) => !isSaid(source, sentence.replaceAll('\\|', '|')))
      .map((sentence) => ({ path, line, rule: RULE, message: `'${sentence}' is no sentence of ${test}` }));
  });
}

function isSaid(source: string, sentence: string): boolean {
  return ["'", '"', '`'].some((quote) => source.includes(quote + sentence + quote));
}
