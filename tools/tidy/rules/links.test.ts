import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { links } from './links.ts';

const judge = (text: string, others: Readonly<Record<string, string>> = {}, path = 'docs/PAGE.md') =>
  faultsOf(links, { [path]: text, ...others });

test('a link to a file, a folder, a heading or another site is none', () => {
  const others = { 'docs/decisions/0001.md': '# One', 'README.md': '# Cryo\n\n## Two commands\n' };
  const text = [
    '# Page: `a` & [b](../README.md)',
    '[one](decisions/0001.md) [folder](decisions) [folder](decisions/) [up](../README.md#two-commands)',
    '[here](#page-a--b) [out](https://example.org/#x)',
    '[listed]: ../README.md',
  ];
  expect(judge(text.join('\n'), others)).toEqual([]);
});

test('a link to a file that is not there is a fault', () => {
  expect(judge('text\n[gone](../GONE.md) and [gone][]\n\n[gone]: gone/')).toEqual([
    "docs/PAGE.md:2 link: '../GONE.md' leads to nothing; name a file or a folder that is there",
    "docs/PAGE.md:4 link: 'gone/' leads to nothing; name a file or a folder that is there",
  ]);
});

test('a link to a heading that is not there is a fault', () => {
  const message = 'write it in lower case, with a hyphen for each space and no other sign';
  expect(judge('# One\n[two](#two)')).toEqual([
    `docs/PAGE.md:2 link: '#two' names no heading of docs/PAGE.md; ${message}`,
  ]);
});

test('the second heading of one text is numbered', () => {
  expect(judge('# One\n# One\n[first](#one) [second](#one-1)')).toEqual([]);
});

test('what stands in code is no link and no heading', () => {
  expect(judge('`[a](gone.md)`\n\n```md\n[b](gone.md)\n# Not a heading\n```\n')).toEqual([]);
  expect(judge('~~~md\n# Not a heading\n~~~\n[c](#not-a-heading)')).toHaveLength(1);
});

test('a link out of the repository is a fault', () => {
  expect(judge('[above](../../else.md)')).toEqual(["docs/PAGE.md:1 link: '../../else.md' leads out of the repository"]);
});

test('a page of a package may link to what is published with it, and beyond it, but to nothing that stays behind', () => {
  const package_ = {
    'packages/testkit/package.json': JSON.stringify({ files: ['README.md', 'src', '!src/**/*.test.ts'] }),
    'packages/testkit/src/run.ts': '',
    'packages/testkit/src/deep/run.test.ts': '',
    'packages/testkit/examples/redis.ts': '',
    'docs/PAGE.md': '# Page',
  };
  const text =
    '[a](src/run.ts) [b](src) [c](../../docs/PAGE.md) [d](#e)\n[f](src/deep/run.test.ts) [g](examples/redis.ts)\n# E';
  const message = 'is not published with its package; add it to files, or do not link to it';
  expect(judge(text, package_, 'packages/testkit/README.md')).toEqual([
    `packages/testkit/README.md:2 link: 'src/deep/run.test.ts' ${message}`,
    `packages/testkit/README.md:2 link: 'examples/redis.ts' ${message}`,
  ]);
});
