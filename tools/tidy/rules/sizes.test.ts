import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { sizes } from './sizes.ts';

const SOURCE = 'packages/resilience/src/clock.ts';
const TEST = 'packages/resilience/src/clock.test.ts';
const judge = (path: string, text: string) => faultsOf(sizes, { [path]: text });
const lines = (count: number, line = ';') => `${line}\n`.repeat(count);

test('a source file has 250 lines at most and a test file 400', () => {
  expect(judge(SOURCE, lines(250))).toEqual([]);
  expect(judge(SOURCE, lines(251))).toEqual([`${SOURCE}:251 file-size: 251 lines, 250 at most; split it by noun`]);
  expect(judge(TEST, lines(400))).toEqual([]);
  expect(judge(TEST, lines(401))).toEqual([`${TEST}:401 file-size: 401 lines, 400 at most; split it by noun`]);
});

test('a last line without a line break counts', () => {
  expect(judge(SOURCE, `${lines(250)};`)).toHaveLength(1);
});

test('a function has 50 lines at most, its own braces included and its comment not', () => {
  expect(judge(SOURCE, `/**\n * Long prose.\n */\nfunction f() {\n${lines(48)}}`)).toEqual([]);
  expect(judge(SOURCE, `\nfunction f() {\n${lines(49)}}`)).toEqual([
    `${SOURCE}:2 function-size: 51 lines, 50 at most; give its parts names`,
  ]);
});

test.each([
  ['an arrow function', (body: string) => `const f = () => {\n${body}};`],
  ['a method', (body: string) => `class C {\nf() {\n${body}}\n}`],
  ['a constructor', (body: string) => `class C {\nconstructor() {\n${body}}\n}`],
  ['an accessor', (body: string) => `class C {\nget f() {\n${body}}\n}`],
  ['an object method', (body: string) => `const o = {\nf() {\n${body}}\n};`],
])('%s is a function too', (_name, write) => {
  expect(judge(SOURCE, write(lines(49)))).toEqual([expect.stringContaining('function-size: 51 lines')]);
  expect(judge(SOURCE, write(lines(48)))).toEqual([]);
});

test('braces in strings, templates, comments and patterns do not confuse the count', () => {
  const tricky = [
    "const a = '{';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the string is a program.
    'const b = `{ ${`{`} {`;',
    '// {{{',
    '/* { */',
    'const c = 1 / 2 / /[{/]{/.lastIndex;',
  ];
  const text = `function f() {\n${tricky.join('\n')}\n${lines(43)}}\nfunction g() {\n${lines(43)}}`;
  expect(judge(SOURCE, text)).toEqual([]);
});

test('a suite in a test may be long, a single test may not', () => {
  expect(judge(TEST, `describe('clock', () => {\n${lines(60)}});`)).toEqual([]);
  expect(judge(TEST, `describe.each([1])('clock', () => {\n${lines(60)}});`)).toEqual([]);
  expect(judge(TEST, `test('it ticks', () => {\n${lines(60)}});`)).toHaveLength(1);
  expect(judge(SOURCE, `describe('clock', () => {\n${lines(60)}});`)).toHaveLength(1);
});
