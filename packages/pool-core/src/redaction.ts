/**
 * Owns the door that every error of somebody else passes before it is shown: no secret goes through.
 * It must never change what it is given, nor fail, whatever that is.
 */
import { MaskedCopy } from './redaction/copy.ts';
import { attempt, isObject, type Part } from './redaction/parts.ts';
import { isSecretKey, MASK } from './redaction/secret-places.ts';
import { Secrets } from './redaction/secrets.ts';
import { Survey } from './redaction/survey.ts';

/** Masks secrets. */
export interface Redactor {
  /**
   * The very same value when nothing in it is secret, else a masked copy, deeply frozen. A copied error keeps its
   * prototype, its name and every property that is not secret, so that `instanceof` and `code` still tell what it is.
   */
  mask<Value>(value: Value): Value;
  text(message: string): string;
}

/**
 * Masks whatever `secrets` names at the moment, in any usual encoding, the password of a URL, and what is assigned to a
 * password: in messages, stacks, properties however deep, causes, and what an object says when it is printed.
 *
 * @param secrets is asked at each masking; while it fails, what it answered last is masked
 */
export function createRedactor(secrets: () => readonly string[]): Redactor {
  const known = new Secrets(secrets);
  return {
    mask<Value>(value: Value): Value {
      known.refresh();
      // What can't be read safely is not shown; a copy stands in for a value of the same type.
      return (attempt(() => ({ shown: mask(value, known) })) ?? { shown: unreadable() }).shown as Value;
    },
    text(message) {
      known.refresh();
      return known.mask(message);
    },
  };
}

function mask(value: unknown, secrets: Secrets): unknown {
  if (!isObject(value)) return maskPart({ key: '', value, enumerable: true }, secrets);
  const survey = new Survey(value, {
    isSecret: (part) => isSecret(part, secrets),
    hidesSecret: (bytes) => secrets.hideIn(bytes),
  });
  if (!survey.isTainted(value)) return value;
  return new MaskedCopy(value, survey, {
    masked: (part) => maskPart(part, secrets),
    text: (text) => secrets.mask(text),
    mask: (said) => mask(said, secrets),
  }).make();
}

function isSecret(part: Part, secrets: Secrets): boolean {
  return !Object.is(maskPart(part, secrets), part.value) || nameHidesSecret(part.key, secrets);
}

function nameHidesSecret(key: PropertyKey, secrets: Secrets): boolean {
  const name = typeof key === 'symbol' ? (key.description ?? '') : String(key);
  return secrets.mask(name) !== name;
}

/** What is shown instead of a part. Objects are answered as they are, but for those that stand under a secret's name. */
function maskPart({ key, value }: Part, secrets: Secrets): unknown {
  if (typeof key === 'string' && isSecretKey(key)) return isTelling(value) ? MASK : value;
  switch (typeof value) {
    case 'string':
      return secrets.mask(value);
    case 'number':
    case 'bigint':
      return secrets.includes(value) ? MASK : value;
    case 'symbol':
      return nameHidesSecret(value, secrets) ? MASK : value;
    default:
      return value;
  }
}

/** Nothing under a secret's name is told by its absence, and a function is no value yet. */
function isTelling(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === MASK) return false;
  return typeof value !== 'boolean' && typeof value !== 'function';
}

function unreadable(): Error {
  return Object.freeze(new Error('An error that could not be read, and so is not shown'));
}
