/**
 * Owns the judging of a whole set of options by a table, with one rule for each.
 * Must never know any option by name, nor what it is by default.
 */
import { type NumberRange, OptionCheck, type OptionType } from './options.ts';

/** What an option must be that no other rule describes. `expected` completes the sentence "expected …". */
export interface OptionTest {
  readonly isSound: (value: unknown) => boolean;
  readonly expected: string;
}

/**
 * What an option must be: of a type, a number in a range, something with these methods, what a test says, or a group of
 * options. A function answers which of them, where that depends on what was given.
 */
export type OptionRule =
  | OptionType
  | NumberRange
  | readonly string[]
  | OptionTest
  | { readonly group: OptionRules }
  | ((value: unknown) => OptionRule);

/** The rule of every option there is. */
export type OptionRules = { readonly [Name in string]: OptionRule };

/**
 * Checks every option that is given or required. A key without a rule is a fault. The error calls the options after their
 * maker, and after their `name` if they have one.
 *
 * @param further adds the faults that no rule finds
 * @throws InvalidOptionsError listing every fault
 */
export function checkOptions(
  maker: string,
  options: object,
  rules: OptionRules,
  required?: readonly string[],
  further?: (check: OptionCheck) => void,
): void {
  const { name }: { readonly name?: unknown } = Object(options);
  const check = new OptionCheck(typeof name === 'string' ? `${maker} '${name}'` : maker);
  if (check.type('options', options, 'object')) {
    checkGroup(check, '', options, rules, required);
    further?.(check);
  }
  check.throwIfFaulty();
}

function checkGroup(
  check: OptionCheck,
  path: string,
  options: object,
  rules: OptionRules,
  required: readonly string[] = [],
): void {
  const given = options as Readonly<Record<string, unknown>>;
  check.unknownKeys(path, given, Object.keys(rules));
  for (const [name, rule] of Object.entries(rules)) {
    const value = given[name];
    const isExpected = value !== undefined || required.includes(name);
    if (isExpected) checkOption(check, path === '' ? name : `${path}.${name}`, value, rule);
  }
}

function checkOption(check: OptionCheck, path: string, value: unknown, rule: OptionRule): void {
  if (typeof rule === 'function') checkOption(check, path, value, rule(value));
  else if (typeof rule === 'string') check.type(path, value, rule);
  else if ('unit' in rule) check.number(path, value, rule);
  else if ('group' in rule) {
    if (check.type(path, value, 'object')) checkGroup(check, path, value as object, rule.group);
  } else {
    const { isSound, expected } = 'isSound' in rule ? rule : having(rule);
    if (!isSound(value)) check.fault(path, value, expected);
  }
}

function having(methods: readonly string[]): OptionTest {
  return {
    isSound: (value) => methods.every((method) => typeof Object(value)[method] === 'function'),
    expected: `an object with ${methods.map((method) => `${method}()`).join(' and ')}`,
  };
}
