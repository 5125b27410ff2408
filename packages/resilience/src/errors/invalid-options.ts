/**
 * Owns what is said of options that cannot be used.
 * Must never know what an option is for.
 */
import { CryoError } from './cryo-error.ts';

/**
 * One option that cannot be used: where it stands, what it was, and what it should have been, with its unit. In a thrown
 * error `value` is primitive: of an object or function only the kind is kept, for it may hold secrets.
 */
export interface OptionFault {
  /** Where it stands, such as `size.max`. */
  readonly path: string;
  /** What it was; of an object or a function only the kind. */
  readonly value: unknown;
  /** What it should have been, with its unit, in words. */
  readonly expected: string;
}

/** Options that cannot be used. Every fault is listed at once, in the message and in `faults`. */
export class InvalidOptionsError extends CryoError {
  /** Every fault there is, in the order of the options. */
  declare readonly faults: readonly OptionFault[];

  constructor(subject: string, faults: readonly OptionFault[]) {
    super('INVALID_OPTIONS', `${subject}: ${faults.map(describeFault).join('; ')}`);
    this.faults = Object.freeze(
      faults.map((fault) => Object.freeze({ ...fault, value: withoutContents(fault.value) })),
    );
  }

  override get name(): string {
    return 'InvalidOptionsError';
  }
}

/** What stands for the value of an option that threw when it was read. No rule takes it for anything else. */
export const UNREADABLE: unique symbol = Symbol('unreadable');

function withoutContents(value: unknown): unknown {
  return value === Object(value) ? describeValue(value) : value;
}

function describeFault(fault: OptionFault): string {
  return `${fault.path} is ${describeValue(fault.value)}, expected ${fault.expected}`;
}

/** A value as a person would write it, short enough for one line. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `'${value.slice(0, 80)}…'` : `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (value === UNREADABLE) return 'unreadable';
  if (isArray(value)) return 'an array';
  return value === Object(value) ? 'an object' : String(value);
}

/** A proxy that was revoked is no array, and throws when it is asked. */
export function isArray(value: unknown): boolean {
  return carefully(() => Array.isArray(value), false);
}

/** What looking at somebody else's object gives, or `otherwise` where the looking throws. */
export function carefully<Found, Otherwise>(look: () => Found, otherwise: Otherwise): Found | Otherwise {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
