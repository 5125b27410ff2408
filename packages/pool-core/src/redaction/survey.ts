/**
 * Owns the search through everything that can be reached from a thrown value, for whatever leads to a secret.
 * It must never change or copy anything.
 */
import { isObject, type Kind, kindOf, type Part, partsOf, speechOf } from './parts.ts';

/** More objects than this are not looked at: what is beyond counts as secret. */
const MOST_OBJECTS = 2_000;

/** What one object was found to hold. */
export interface Finding {
  readonly kind: Kind;
  readonly parts: readonly Part[];
  readonly speech: readonly unknown[];
}

/** Tells secrets. */
export interface Judge {
  /** Whether a part shows a secret by itself, not by what it leads to. */
  isSecret(part: Part): boolean;
  hidesSecret(bytes: object): boolean;
}

const UNNAMED = { key: '', enumerable: true };

/** Every object that was looked at, and those among them from which a secret can be reached. */
export class Survey {
  readonly findings = new Map<object, Finding>();
  readonly #tainted = new Set<object>();
  readonly #holders = new Map<object, object[]>();
  readonly #judge: Judge;

  constructor(root: object, judge: Judge) {
    this.#judge = judge;
    const seen = new Set([root]);
    // A set is iterated in the order of insertion, with what is inserted meanwhile.
    for (const value of seen) {
      for (const held of this.#read(value)) {
        this.#holders.set(held, [...(this.#holders.get(held) ?? []), value]);
        if (seen.size < MOST_OBJECTS) seen.add(held);
        else if (!seen.has(held)) this.#tainted.add(value);
      }
    }
    this.#spread();
  }

  /** Whether a secret can be reached from the object. */
  isTainted(value: object): boolean {
    return this.#tainted.has(value) || !this.findings.has(value);
  }

  /** Notes what the object holds, and answers which objects it leads to. */
  #read(value: object): object[] {
    const kind = kindOf(value);
    const parts = partsOf(value, kind);
    const speech = kind === 'error' || kind === 'instance' || kind === 'plain' ? speechOf(value, kind) : [];
    this.findings.set(value, { kind, parts, speech });
    const spoken = speech.map((said) => ({ ...UNNAMED, value: said }));
    const shown = [...parts, ...spoken];
    const telling = shown.some((part) => this.#judge.isSecret(part));
    if (telling || (kind === 'bytes' && this.#judge.hidesSecret(value))) this.#tainted.add(value);
    return shown.map((part) => part.value).filter(isObject);
  }

  /** Whoever holds a tainted object is tainted. */
  #spread(): void {
    for (const value of this.#tainted) {
      for (const holder of this.#holders.get(value) ?? []) this.#tainted.add(holder);
    }
  }
}
