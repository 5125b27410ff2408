import { expect, test } from 'vitest';
import { treeOf } from './fixture.ts';
import { importsOf, parseSources, placeOf } from './source.ts';

test('the place of a file names its wing, its room and its path inside src', () => {
  expect(placeOf('packages/pool-core/src/sizer/fixed.ts')).toEqual({
    wing: 'packages',
    room: 'pool-core',
    inside: 'sizer/fixed',
    isTest: false,
  });
  expect(placeOf('packages/pool-core/src/pool.test.ts')).toMatchObject({ inside: 'pool.test', isTest: true });
  expect(placeOf('packages/pool-core/test/world.ts')).toMatchObject({ inside: undefined, isTest: true });
  expect(placeOf('tools/tidy/rules/sizes.ts')).toMatchObject({ wing: 'tools', room: 'tidy', inside: undefined });
  expect(placeOf('vitest.config.ts')).toBeUndefined();
  expect(placeOf('packages/pool-core/README.md')).toBeUndefined();
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the strings are programs.
test('every form of import is found with its line, and text that only looks like one is not', () => {
  const text = [
    "import './a.ts';",
    "import type { B } from './b.ts';",
    "export { c } from './c.ts';",
    "const d = await import('./d.ts');",
    "type E = import('./e.ts').E;",
    "// import './no.ts'",
    'const text = `import "./no.ts" ${"from \'./no.ts\'"}`;',
    'const pattern = /import "no"/;',
    'await import(`./computed-${d}.ts`);',
  ].join('\n');
  const [source] = parseSources(treeOf({ 'tools/x/main.ts': text }));
  expect(source && importsOf(source)).toEqual([
    { specifier: './a.ts', line: 1 },
    { specifier: './b.ts', line: 2 },
    { specifier: './c.ts', line: 3 },
    { specifier: './d.ts', line: 4 },
    { specifier: './e.ts', line: 5 },
  ]);
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the strings are programs.

test('a tree without TypeScript has no sources', () => {
  expect(parseSources(treeOf({ 'README.md': '' }))).toEqual([]);
});
