/**
 * Owns the rules that options go by, and the judging of a whole set of options by a table with a rule for each.
 * Must never know any option by name, nor what it is by default.
 */
import { carefully, describeValue, InvalidOptionsError, isArray, type OptionFault, UNREADABLE } from './errors.ts';

/** What a number must be. `unit` names what it counts, for the message: 'ms', 'connections'. */
export interface NumberRange {
  /** An inclusive lower bound. Default: none. */
  readonly min?: number;
  /** An inclusive upper bound. Default: none. */
  readonly max?: number;
  /** An exclusive lower bound. */
  readonly above?: number;
  /** Whether only whole numbers will do. Default false. */
  readonly integer?: boolean;
  /** Whether Infinity is allowed, whatever `max` and `integer` say. Default false. */
  readonly infinity?: boolean;
  /** What the number counts, for the message; `''` where it counts nothing. */
  readonly unit: string;
}

/** The kinds of value that a rule can ask for; an array is not an 'object'. */
export type OptionType = 'function' | 'string' | 'boolean' | 'object';

/** Finds what is wrong with a value, which stands under the path. The name of a type is a rule too. */
export type OptionRule = OptionType | ((path: string, value: unknown) => readonly OptionFault[]);

/** The rule of every option there is. */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** What a test says. `expected` completes the sentence "expected …". */
export function must(isSound: (value: unknown) => boolean, expected: string): OptionRule {
  return (path, value) => (isSound(value) ? [] : [{ path, value, expected }]);
}

/** For an option that may not be given beside another one. */
export function never(expected: string): OptionRule {
  return must(() => false, expected);
}

/** A number within the range. NaN and anything that is not a number is a fault. */
export function range(bounds: NumberRange): OptionRule {
  return must((value) => isWithin(value, bounds), describeRange(bounds));
}

/** One of several, compared as it is. */
export function oneOf(...allowed: readonly unknown[]): OptionRule {
  return must((value) => allowed.includes(value), describeChoice(allowed));
}

/** Something with these methods. */
export function having(...methods: readonly string[]): OptionRule {
  return must(
    (value) => methods.every((method) => typeof readOption(value, method) === 'function'),
    `an object with ${methods.map((method) => `${method}()`).join(' and ')}`,
  );
}

/** For a rule that compares one option with another: NaN for what is no number, which its own rule tells of. */
export function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/**
 * An object of options, each of which goes by its rule, if it is given or required. A key without a rule is a fault.
 *
 * @param found takes what is read, once, so that what is judged is what is used
 */
export function group(
  rules: OptionRules,
  required: readonly string[] = [],
  found?: Record<string, unknown>,
): OptionRule {
  return (path, value) => {
    if (!isOfType(value, 'object')) return faultsOf('object', path || 'options', value);
    const prefix = path && `${path}.`;
    const faults = [...unknownKeys(prefix, value as object, Object.keys(rules))];
    for (const [name, rule] of Object.entries(rules)) {
      const option = readOption(value, name);
      if (found !== undefined) found[name] = option;
      const isExpected = option !== undefined || required.includes(name);
      if (isExpected) faults.push(...faultsOf(rule, prefix + name, option));
    }
    return faults;
  };
}

/** An object of any keys, each of which goes by the one rule. */
export function each(rule: OptionRule): OptionRule {
  return (path, value) => {
    if (!isOfType(value, 'object')) return faultsOf('object', path, value);
    const keys = keysOf(value);
    if (keys === undefined) return faultsOf('object', path, UNREADABLE);
    return keys.flatMap((key) => faultsOf(rule, `${path}.${key}`, readOption(value, key)));
  };
}

/** Options, each with its default where it is not given. */
export type Settings<Options, Defaults> = Options & {
  readonly [Name in keyof Defaults]-?:
    | Defaults[Name]
    | (Name extends keyof Options ? NonNullable<Options[Name]> : never);
};

/**
 * Checks the options of a maker, and answers what they come to. The error calls them after the maker, and after their `name`
 * if they have one.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function checkOptions<Options extends object, Defaults extends object = object>(
  maker: string,
  options: Options,
  rules: OptionRules,
  required: readonly string[] = [],
  defaults: Defaults = {} as Defaults,
): Settings<Options, Defaults> {
  const settings: Record<string, unknown> = {};
  const faults = faultsOf(group(rules, required, settings), '', options);
  throwFaults(typeof settings.name === 'string' ? `${maker} '${settings.name}'` : maker, faults);
  for (const option in defaults) settings[option] ??= defaults[option];
  return settings as Settings<Options, Defaults>;
}

/** @throws InvalidOptionsError listing every fault, when there is one */
export function throwFaults(subject: string, faults: readonly OptionFault[]): void {
  if (faults.length > 0) throw new InvalidOptionsError(subject, faults);
}

export function faultsOf(rule: OptionRule, path: string, value: unknown): readonly OptionFault[] {
  if (typeof rule === 'function') return rule(path, value);
  return isOfType(value, rule) ? [] : [{ path, value, expected: describeType(rule) }];
}

/** Every key of the object that is not known is a fault. No text is shown: a misspelt key may hold a secret. */
export function unknownKeys(prefix: string, options: object, known: readonly string[]): readonly OptionFault[] {
  const expected = `one of the options ${known.join(', ')}`;
  const keys = keysOf(options);
  if (keys === undefined) return faultsOf('object', prefix.slice(0, -1) || 'options', UNREADABLE);
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => {
      const held = readOption(options, key);
      return { path: prefix + key, value: typeof held === 'string' ? '(not shown)' : held, expected };
    });
}

/** `undefined` where a proxy does not let them be listed. */
function keysOf(options: unknown): readonly string[] | undefined {
  return carefully(() => Object.keys(Object(options)), undefined);
}

/** What an option holds; a getter or a proxy that throws is a fault of that option, as any value is that no rule takes. */
export function readOption(options: unknown, name: string): unknown {
  return carefully(() => Object(options)[name], UNREADABLE);
}

/** Some options, for whoever has to know them before all are checked. */
export function peek<Options>(options: unknown, ...names: readonly (keyof Options & string)[]): Options {
  return Object.fromEntries(names.map((name) => [name, readOption(options, name)])) as Options;
}

export function isOfType(value: unknown, type: OptionType): boolean {
  return typeof value === type && value !== null && !isArray(value);
}

export function describeType(type: OptionType): string {
  return type === 'object' ? 'an object' : `a ${type}`;
}

export function describeChoice(allowed: readonly unknown[]): string {
  return `one of ${allowed.map(describeValue).join(', ')}`;
}

export function isWithin(value: unknown, { integer, infinity, ...bounds }: NumberRange): boolean {
  if (value === Infinity) return infinity === true;
  const { min = -Infinity, max = Infinity, above = -Infinity } = bounds;
  const isSound = integer ? Number.isInteger(value) : Number.isFinite(value);
  return isSound && Number(value) >= min && Number(value) <= max && Number(value) > above;
}

export function describeRange({ integer, unit, infinity, ...bounds }: NumberRange): string {
  const kind = integer ? 'an integer' : 'a number';
  return kind + describeBounds(bounds) + (unit && ` ${unit}`) + (infinity ? ', or Infinity' : '');
}

function describeBounds({ min, max, above }: Omit<NumberRange, 'unit'>): string {
  if (above !== undefined) return ` above ${above}${max === undefined ? '' : ` and up to ${max}`}`;
  if (min !== undefined) return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
