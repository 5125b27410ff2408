/**
 * Owns the reading of one group of numeric options: what was given, checked, and the defaults of the rest.
 * It must never know what a number is for.
 */
import { type NumberRange, OptionCheck } from '@cryo/resilience';

/** One numeric option: its range and what it is when not given. */
export interface NumberOption extends NumberRange {
  readonly initial: number;
}

/** What was given under each key. */
export type Group = Readonly<Record<string, unknown>>;

/**
 * The values of a group, read as {@link readGroup} does. A faulty
 * value is reported and read as NaN, so that no comparison between options finds a second fault in it.
 */
export function readNumbers<Key extends string>(
  check: OptionCheck,
  path: string,
  given: unknown,
  table: Readonly<Record<Key, NumberOption>>,
): Record<Key, number> {
  return numbersOf(check, path, readGroup(check, path, given, Object.keys(table)), table);
}

/** The numbers among what a group holds. */
export function numbersOf<Key extends string>(
  check: OptionCheck,
  path: string,
  group: Group,
  table: Readonly<Record<Key, NumberOption>>,
): Record<Key, number> {
  const values = {} as Record<Key, number>;
  for (const key of Object.keys(table) as Key[]) {
    const value = group[key];
    if (value === undefined) values[key] = table[key].initial;
    else values[key] = check.number(join(path, key), value, table[key]) ? (value as number) : Number.NaN;
  }
  return values;
}

/**
 * What the group holds under each of the known keys, read once: a getter or a proxy that throws is a fault of its key. Empty when
 * it was not given, or is no object, which is a fault too.
 */
export function readGroup(check: OptionCheck, path: string, given: unknown, known: readonly string[]): Group {
  if (given === undefined || !check.type(path === '' ? 'options' : path, given, 'object')) return {};
  check.unknownKeys(path, given as object, known);
  return OptionCheck.pick(given, known);
}

/** That a part which the user lends, where one was given, has the methods that are called on it. */
export function checkMethods(check: OptionCheck, path: string, value: unknown, names: readonly string[]): void {
  if (value === undefined || !check.type(path, value, 'object')) return;
  for (const name of names) check.type(`${path}.${name}`, OptionCheck.read(value, name), 'function');
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
