/**
 * Owns the door that every error of somebody else passes before it is shown: no secret goes through.
 * It must never change what it is given, nor fail, whatever that is.
 */
import { MaskedCopy } from './redaction/copy.ts';
import { attempt, isObject, type Part } from './redaction/parts.ts';
import { patternOf } from './redaction/secret-pattern.ts';
import { isSecretKey, MASK, maskPlaces } from './redaction/secret-places.ts';
import { Survey } from './redaction/survey.ts';

/** More bytes than this are not searched, but masked. */
const MOST_BYTES = 1_048_576;

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
  let known: readonly string[] = [];
  let pattern: RegExp | undefined;

  function refresh(): void {
    const current = attempt(() => secrets().filter((secret) => typeof secret === 'string')) ?? known;
    if (current.length === known.length && current.every((secret, at) => secret === known[at])) return;
    known = current;
    pattern = patternOf(known);
  }

  function text(message: string): string {
    return maskPlaces(pattern === undefined ? message : message.replace(pattern, MASK));
  }

  /** What is shown instead of a part. Objects are answered as they are, but for those that stand under a secret's name. */
  function masked({ key, value }: Part): unknown {
    if (typeof key === 'string' && isSecretKey(key)) return isTelling(value) ? MASK : value;
    switch (typeof value) {
      case 'string':
        return text(value);
      case 'number':
      case 'bigint':
        return known.includes(String(value)) ? MASK : value;
      case 'symbol':
        return text(value.description ?? '') === (value.description ?? '') ? value : MASK;
      default:
        return value;
    }
  }

  function hidesSecret(bytes: object): boolean {
    const view = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes as ArrayBuffer);
    if (view.length > MOST_BYTES) return true;
    const latin = Array.from(view, (byte) => String.fromCharCode(byte)).join('');
    const hexadecimal = Array.from(view, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return text(latin) !== latin || (pattern !== undefined && hexadecimal.search(pattern) >= 0);
  }

  function isSecret(part: Part): boolean {
    return !Object.is(masked(part), part.value) || (typeof part.key === 'string' && text(part.key) !== part.key);
  }

  function mask(value: unknown): unknown {
    if (!isObject(value)) return masked({ key: '', value, enumerable: true });
    const survey = new Survey(value, { isSecret, hidesSecret });
    return survey.isTainted(value) ? new MaskedCopy(value, survey, { masked, text, mask }).make() : value;
  }

  return {
    mask<Value>(value: Value): Value {
      refresh();
      // What can't be read safely is not shown; a copy stands in for a value of the same type.
      return (attempt(() => ({ shown: mask(value) })) ?? { shown: unreadable() }).shown as Value;
    },
    text(message) {
      refresh();
      return text(message);
    },
  };
}

function isTelling(value: unknown): boolean {
  return (
    value !== undefined &&
    value !== null &&
    value !== '' &&
    value !== MASK &&
    !['boolean', 'function'].includes(typeof value)
  );
}

function unreadable(): Error {
  return Object.freeze(new Error('An error that could not be read, and so is not shown'));
}
