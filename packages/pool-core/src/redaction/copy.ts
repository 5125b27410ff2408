/**
 * Owns the masked copy of a thrown value: the same shape, frozen, with nothing left that leads to a secret.
 * It must never know what a secret is, nor touch the original.
 */
import { attempt, isObject, type Kind, type Part, SPEAKING_METHODS, speakingMethod } from './parts.ts';
import { MASK } from './secret-places.ts';
import type { Finding, Survey } from './survey.ts';

/** Chains longer than this are cut: no printer follows them, and a copy must not exhaust the stack. */
const DEEPEST = 100;

export interface CopyRules {
  /** What is shown instead of one part; the same value when it is no secret. Objects are answered as they are. */
  masked(part: Part): unknown;
  text(text: string): string;
  /** Masks something that a method of the original answers later on. */
  mask(value: unknown): unknown;
}

export class MaskedCopy {
  readonly #root: object;
  readonly #survey: Survey;
  readonly #rules: CopyRules;
  readonly #made = new Map<object, unknown>();

  constructor(root: object, survey: Survey, rules: CopyRules) {
    this.#root = root;
    this.#survey = survey;
    this.#rules = rules;
  }

  make(): unknown {
    return this.#copy(this.#root, 0);
  }

  #copy(value: object, depth: number): unknown {
    if (!this.#survey.isTainted(value)) return value;
    if (this.#made.has(value)) return this.#made.get(value);
    const finding = this.#survey.findings.get(value);
    if (finding === undefined || depth > DEEPEST) return MASK;
    switch (finding.kind) {
      case 'bytes':
      case 'function':
        return MASK;
      case 'map':
        return this.#copyMap(value, finding, depth);
      case 'set':
        return this.#copySet(value, finding, depth);
      case 'instance':
        if (value !== this.#root) return this.#copyInstance(value, finding, depth);
        break;
      default:
    }
    return this.#copyObject(value, finding, shellOf(value, finding.kind), depth);
  }

  #copyPart(part: Part, depth: number): unknown {
    const shown = this.#rules.masked(part);
    return isObject(shown) ? this.#copy(shown, depth + 1) : shown;
  }

  #copyObject(value: object, { parts }: Finding, copy: object, depth: number): unknown {
    this.#made.set(value, copy);
    for (const part of parts) {
      const key = this.#maskedKey(part.key);
      const shown = this.#copyPart(part, depth);
      attempt(() =>
        Object.defineProperty(copy, key, { value: shown, enumerable: part.enumerable, configurable: true }),
      );
    }
    for (const key of SPEAKING_METHODS) this.#wrapMethod(value, copy, key);
    return Object.freeze(copy);
  }

  #maskedKey(key: PropertyKey): PropertyKey {
    if (typeof key === 'string') return this.#rules.text(key);
    if (typeof key === 'number') return key;
    const description = key.description ?? '';
    return this.#rules.text(description) === description ? key : Symbol(MASK);
  }

  /** The original speaks, since the copy has none of its private fields, and what it says is masked. */
  #wrapMethod(value: object, copy: object, key: PropertyKey): void {
    const method = speakingMethod(value, key);
    if (method === undefined) return;
    const { mask } = this.#rules;
    const wrapped = (...inputs: readonly unknown[]) => {
      const said = attempt(() => method.apply(value, [...inputs]));
      return said === value ? copy : mask(said);
    };
    Object.defineProperty(copy, key, { value: wrapped, enumerable: false, configurable: true });
  }

  /** An instance of a class nobody asks for by name becomes what it says of itself, or a plain object. */
  #copyInstance(value: object, finding: Finding, depth: number): unknown {
    this.#made.set(value, MASK);
    const said = finding.speech.find((speech) => isObject(speech) || typeof speech === 'string');
    if (said === undefined) return this.#copyObject(value, finding, {}, depth);
    const shown = this.#copyPart({ key: '', value: said, enumerable: true }, depth);
    this.#made.set(value, shown);
    return shown;
  }

  #copyMap(value: object, { parts }: Finding, depth: number): unknown {
    const copy = new Map<unknown, unknown>();
    this.#made.set(value, copy);
    const entries = parts.slice(-2 * (value as Map<unknown, unknown>).size);
    for (let at = 0; at + 1 < entries.length; at += 2) {
      copy.set(this.#copyPart(entries[at] as Part, depth), this.#copyPart(entries[at + 1] as Part, depth));
    }
    return Object.freeze(copy);
  }

  #copySet(value: object, { parts }: Finding, depth: number): unknown {
    const copy = new Set<unknown>();
    this.#made.set(value, copy);
    for (const part of parts) copy.add(this.#copyPart(part, depth));
    return Object.freeze(copy);
  }
}

/** An object without properties of the same kind and prototype; for an error a real one, which printers look for. */
function shellOf(value: object, kind: Kind): object {
  if (kind === 'array') return [];
  const prototype = attempt(() => Reflect.getPrototypeOf(value)) ?? null;
  if (kind !== 'error') return Object.create(prototype);
  const target = class {};
  const shell = Reflect.construct(Error, [], target);
  Object.setPrototypeOf(shell, prototype);
  for (const key of Reflect.ownKeys(shell)) attempt(() => Reflect.deleteProperty(shell, key));
  return shell;
}
