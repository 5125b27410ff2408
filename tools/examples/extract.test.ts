import { expect, test } from 'vitest';
import { extractExamples } from './extract.ts';

const document = (...lines: readonly string[]) => extractExamples('README.md', lines.join('\n'));

test('a block of TypeScript is an example under the heading above it', () => {
  expect(document('# Cryo', '', '## Retry ##', 'text', '```ts', 'const a = 1;', 'a;', '```')).toEqual([
    { document: 'README.md', heading: 'Retry', line: 6, code: 'const a = 1;\na;', mode: 'run' },
  ]);
});

test('an example that cannot run is only compiled', () => {
  expect(document('```ts no-run', 'fetch(url);', '```')).toMatchObject([{ mode: 'compile', heading: 'README.md' }]);
});

test('blocks in other languages are no examples', () => {
  expect(document('```sh', 'npm install', '```', '```', 'plain', '```', '```json', '{}', '```')).toEqual([]);
});

test('a heading inside a block is no heading, and a fence inside a longer fence no fence', () => {
  const examples = document('# Real', '````md', '```ts', '# Not real', '```', '````', '```ts', 'x;', '```');
  expect(examples).toMatchObject([{ heading: 'Real', line: 8, code: 'x;' }]);
});

test('a block in a list loses its indent', () => {
  expect(document('- item', '  ```ts', '  if (a) {', '    b();', '', '  }', '  ```')).toMatchObject([
    { code: 'if (a) {\n  b();\n\n}', line: 3 },
  ]);
});

test.each([['typescript'], ['js'], ['javascript'], ['ts run'], ['ts no-check'], ['tsx']])(
  'a block fenced as %s would escape and is refused',
  (mark) => {
    expect(() => document('', `\`\`\`${mark}`, '```')).toThrow(
      `README.md:2 is fenced as '${mark}', which nobody would check; write 'ts' or 'ts no-run'`,
    );
  },
);

test('a block that never ends is refused', () => {
  expect(() => document('```ts', 'a;')).toThrow('README.md:1 opens a code block that never ends');
});
