/**
 * Owns the judging of options: it collects every fault of one set of options and throws them together.
 * Must never know any option by name, nor repair a bad value.
 */
import { describeValue, InvalidOptionsError, type OptionFault } from './errors.ts';

/** What a number must be. `unit` names what it counts, for the message: 'ms', 'connections'. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** An exclusive lower bound. */
  readonly above?: number;
  readonly integer?: boolean;
  /** Whether Infinity is allowed, whatever `max` and `integer` say. Default false. */
  readonly infinity?: boolean;
  readonly unit: string;
}

/** The kinds of value that {@link OptionCheck.type} can ask for; an array is not an 'object'. */
export type OptionType = 'function' | 'string' | 'boolean' | 'object';

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

  get faults(): readonly OptionFault[] {
    return this.#faults;
  }

  /** A number within the range. NaN and anything that is not a number is a fault. */
  number(path: string, value: unknown, range: NumberRange): boolean {
    const sound = typeof value === 'number' && isWithin(value, range);
    if (!sound) this.fault(path, value, describeRange(range));
    return sound;
  }

  oneOf(path: string, value: unknown, allowed: readonly unknown[]): boolean {
    const sound = allowed.includes(value);
    if (!sound) this.fault(path, value, `one of ${allowed.map(describeValue).join(', ')}`);
    return sound;
  }

  type(path: string, value: unknown, expected: OptionType): boolean {
    const sound = typeof value === expected && value !== null && !Array.isArray(value);
    if (!sound) this.fault(path, value, expected === 'object' ? 'an object' : `a ${expected}`);
    return sound;
  }

  /** Every key of the object that is not known is a fault. No text is shown: a misspelt key may hold a secret. */
  unknownKeys(path: string, value: object, known: readonly string[]): void {
    for (const [key, held] of Object.entries(value)) {
      if (known.includes(key)) continue;
      const shown = typeof held === 'string' ? '(not shown)' : held;
      this.fault(path === '' ? key : `${path}.${key}`, shown, `one of the options ${known.join(', ')}`);
    }
  }

  /** Records a fault that no other check covers. `expected` completes the sentence "expected …". */
  fault(path: string, value: unknown, expected: string): void {
    this.#faults.push({ path, value, expected });
  }

  /** @throws InvalidOptionsError listing every fault, when there is one */
  throwIfFaulty(): void {
    if (this.#faults.length > 0) throw new InvalidOptionsError(this.#subject, this.#faults);
  }
}

function isWithin(value: number, { integer, infinity, ...bounds }: NumberRange): boolean {
  if (value === Infinity) return infinity === true;
  const { min = value, max = value, above = -Infinity } = bounds;
  return (integer ? Number.isInteger(value) : Number.isFinite(value)) && value >= min && value <= max && value > above;
}

function describeRange({ integer, unit, infinity, ...bounds }: NumberRange): string {
  const kind = integer ? 'an integer' : 'a number';
  return kind + describeBounds(bounds) + (unit && ` ${unit}`) + (infinity ? ', or Infinity' : '');
}

function describeBounds({ min, max, above }: Omit<NumberRange, 'unit'>): string {
  if (above !== undefined) return ` above ${above}${max === undefined ? '' : ` and up to ${max}`}`;
  if (min !== undefined) return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
