/**
 * Owns the table of a pool's options: words from their documentation in the source, defaults and ranges from the parser itself.
 * It must never hold a default or a range of its own.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Driver, type PoolOptions, parseSettings } from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import { ROOT } from '../workspace/tool.ts';
import { readable, table } from './blocks.ts';

const SOURCE = 'packages/pool-core/src/options.ts';
const INTERFACE = /export interface (\w+)(?:<\w+>)? \{\n([\s\S]*?)\n\}/g;
const PROPERTY = /(?: {2}\/\*\*([\s\S]*?)\*\/\n)? {2}readonly (\w+)\??: (.+);/g;

const TIME_AND_CHANCE = [
  '`clock`, `timers`, `random`',
  'the real ones',
  '`Clock`, `Timers`, `Random`',
  '[Time and chance](../resilience/README.md#time-and-chance)',
];

interface Property {
  readonly name: string;
  readonly type: string;
  readonly words: string;
}

const driver = { name: 'any', open: noop, check: noop, close: noop, destroy: noop } as unknown as Driver<unknown>;

async function noop(): Promise<void> {}

/** The table, one row an option. */
export function optionsTable(): string {
  const interfaces = readInterfaces();
  const options = (interfaces.get('PoolOptions') ?? []).filter(({ name }) => name !== 'timers' && name !== 'random');
  const rows = options.flatMap((option) => {
    const group = interfaces.get(/\b(\w+Settings)\b/.exec(option.type)?.[1] ?? '');
    if (group === undefined) return [rowOf([option.name], option)];
    const own = option.type.startsWith('false') ? [rowOf([option.name], option)] : [];
    const around = option.type.includes('TimeLimitSettings') ? `${option.words} ` : '';
    return [
      ...own,
      ...group.map((inner) => rowOf([option.name, inner.name], { ...inner, words: around + inner.words })),
    ];
  });
  return table(['Option', 'Default', 'Range', ''], rows);
}

function readInterfaces(): ReadonlyMap<string, readonly Property[]> {
  const source = readFileSync(join(ROOT, SOURCE), 'utf8');
  return new Map(
    [...source.matchAll(INTERFACE)].map(([, name = '', body = '']) => [
      name,
      [...body.matchAll(PROPERTY)].map(([, comment = '', property = '', type = '']) => ({
        name: property,
        type,
        words: comment.replaceAll(/\s*\n\s*\*\s?/g, ' ').trim(),
      })),
    ]),
  );
}

function rowOf(path: readonly string[], { type, words }: Property): readonly string[] {
  if (path.at(-1) === 'clock') return TIME_AND_CHANCE;
  const expected = expectedOf(path);
  const range = expected === 'an object' ? objectOf(type) : expected;
  return [`\`${path.join('.')}\``, defaultOf(path), range, describe(words)];
}

/** A value that has a type of its own is better named than called an object. */
function objectOf(type: string): string {
  if (type.startsWith('false')) return '`false` for none';
  return `\`${type.replace(/<.*>/, '')}\``;
}

/** What the parser fills in. */
function defaultOf(path: readonly string[]): string {
  const [group = '', option] = path;
  if (group === 'name' || group === 'driver') return 'required';
  const asked = option === undefined ? {} : { [group]: {} };
  const settings: object = parseSettings({ name: 'any', driver, ...asked });
  const filled = read(read(settings, group), option);
  if (option === 'sizer') return '`elastic()` or `fixed()`';
  if (typeof filled === 'object') return 'on';
  if (filled === undefined) return 'none';
  return typeof filled === 'string' ? `\`'${filled}'\`` : readable(filled);
}

function read(value: unknown, key: string | undefined): unknown {
  return key === undefined ? value : (value as Record<string, unknown> | undefined)?.[key];
}

/** What the parser says that it wants when it is given something else. */
function expectedOf(path: readonly string[]): string {
  const [group = '', option] = path;
  const wrong = Symbol('wrong');
  const options = { name: 'any', driver, [group]: option === undefined ? wrong : { [option]: wrong } };
  try {
    parseSettings(options as unknown as PoolOptions<unknown>);
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    const fault = error.faults.find((one) => one.path === path.join('.'));
    const expected = fault?.expected
      .replace(/^(?:an integer|a number) (?:of )?/, '')
      .replaceAll(/\d{4,}/g, (digits) => readable(Number(digits)));
    if (expected !== undefined) return expected.replaceAll(/'[\w-]+'/g, '`$&`');
  }
  throw new Error(`Nothing was said about ${path.join('.')}`);
}

/** A default that depends on others is worth its words; of any other the column has the value. */
function describe(words: string): string {
  const kept = words.replace(/Default:? .*?\.(?= |$)/g, (sentence) =>
    /, or|where|when/.test(sentence) ? sentence : '',
  );
  return kept.replace(/\.? *$/, '').trim();
}
