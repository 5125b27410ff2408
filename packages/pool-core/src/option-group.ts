/**
 * Owns the reading of one group of numeric options: what was given, checked, and the defaults of the rest.
 * It must never know what a number is for.
 */
import type { NumberRange, OptionCheck } from '@cryo/resilience';

/** One numeric option: its range and what it is when not given. */
export interface NumberOption extends NumberRange {
  readonly initial: number;
}

/**
 * The values of a group. `others` are keys of the group that are not plain numbers and are read elsewhere. A faulty
 * value is reported and read as NaN, so that no comparison between options finds a second fault in it.
 */
export function readNumbers<Key extends string>(
  check: OptionCheck,
  path: string,
  given: unknown,
  table: Readonly<Record<Key, NumberOption>>,
  others: readonly string[] = [],
): Record<Key, number> {
  const group = readGroup(check, path, given, [...Object.keys(table), ...others]);
  const values = {} as Record<Key, number>;
  for (const key of Object.keys(table) as Key[]) {
    const value = group[key];
    if (value === undefined) values[key] = table[key].initial;
    else values[key] = check.number(join(path, key), value, table[key]) ? (value as number) : Number.NaN;
  }
  return values;
}

/** The group as a record: empty when it was not given, or is no object, which is a fault. */
export function readGroup(
  check: OptionCheck,
  path: string,
  given: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (given === undefined || !check.type(path === '' ? 'options' : path, given, 'object')) return {};
  const group = given as Readonly<Record<string, unknown>>;
  check.unknownKeys(path, group, known);
  return group;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
