/**
 * Owns the judging of options by hand: it collects every fault of one set of options and throws them together.
 * Must never know any option by name, nor repair a bad value.
 */
import type { OptionFault } from './errors.ts';
import {
  describeChoice,
  describeRange,
  describeType,
  isOfType,
  isWithin,
  type NumberRange,
  type OptionType,
  readOption,
  throwFaults,
  unknownKeys,
} from './option-rules.ts';

/**
 * Collects the faults of one set of options. Each check answers whether the value is sound, so that dependent checks can
 * be skipped; {@link OptionCheck.throwIfFaulty} ends the check.
 */
export class OptionCheck {
  readonly #subject: string;
  readonly #faults: OptionFault[] = [];

  /** @param subject what is being made, as its maker wrote it: `createPool 'orders'` */
  constructor(subject: string) {
    this.#subject = subject;
  }

  /** What was found so far. */
  get faults(): readonly OptionFault[] {
    return this.#faults;
  }

  /** A number within the range. NaN and anything that is not a number is a fault. */
  number(path: string, value: unknown, range: NumberRange): boolean {
    const sound = isWithin(value, range);
    if (!sound) this.fault(path, value, describeRange(range));
    return sound;
  }

  /** One of the values that are allowed, compared by `===`. */
  oneOf(path: string, value: unknown, allowed: readonly unknown[]): boolean {
    const sound = allowed.includes(value);
    if (!sound) this.fault(path, value, describeChoice(allowed));
    return sound;
  }

  /** A value of that type; an array is no object. */
  type(path: string, value: unknown, expected: OptionType): boolean {
    const sound = isOfType(value, expected);
    if (!sound) this.fault(path, value, describeType(expected));
    return sound;
  }

  /** What the options hold under that key. What throws when it is read is sound to no check: a fault, named by its path. */
  static read(options: unknown, key: string): unknown {
    return readOption(options, key);
  }

  /** What the options hold under each of the keys, read once as {@link OptionCheck.read} does. */
  static pick(options: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(keys.map((key) => [key, readOption(options, key)]));
  }

  /** Every key of the object that is not known is a fault. No text is shown: a misspelt key may hold a secret. */
  unknownKeys(path: string, value: object, known: readonly string[]): void {
    this.#faults.push(...unknownKeys(path && `${path}.`, value, known));
  }

  /** Records a fault that no other check covers. `expected` completes the sentence "expected …". */
  fault(path: string, value: unknown, expected: string): void {
    this.#faults.push({ path, value, expected });
  }

  /**
   * Ends the check: nothing happens when all was sound.
   *
   * @throws InvalidOptionsError listing every fault, when there is one
   */
  throwIfFaulty(): void {
    throwFaults(this.#subject, this.#faults);
  }
}
