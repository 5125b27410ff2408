/**
 * Owns the secrets of the moment, and tells them in a text, a number or bytes.
 * It must never know where those come from.
 */
import { attempt } from './parts.ts';
import { patternOf, SHORTEST_SECRET } from './secret-pattern.ts';
import { MASK, maskPlaces } from './secret-places.ts';

/** More bytes than this are not searched: they count as secret. */
const MOST_BYTES = 1_048_576;

export class Secrets {
  readonly #ask: () => readonly string[];
  #known: readonly string[] = [];
  #pattern: RegExp | undefined;

  constructor(ask: () => readonly string[]) {
    this.#ask = ask;
  }

  /** Asks anew; while that fails, what was answered last stays. */
  refresh(): void {
    const current = attempt(() => this.#ask().filter((secret) => typeof secret === 'string')) ?? this.#known;
    if (current.length === this.#known.length && current.every((secret, at) => secret === this.#known[at])) return;
    this.#known = current;
    this.#pattern = patternOf(current);
  }

  /** The text with every secret masked, the known ones and those that their place tells. */
  mask(text: string): string {
    return maskPlaces(this.#pattern === undefined ? text : text.replace(this.#pattern, MASK));
  }

  includes(number: number | bigint): boolean {
    const written = String(number);
    return written.length >= SHORTEST_SECRET && this.#known.includes(written);
  }

  hideIn(bytes: object): boolean {
    const view = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes as ArrayBuffer);
    if (view.length > MOST_BYTES) return true;
    const latin = Array.from(view, (byte) => String.fromCharCode(byte)).join('');
    if (this.mask(latin) !== latin) return true;
    if (this.#pattern === undefined) return false;
    const hexadecimal = Array.from(view, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return hexadecimal.search(this.#pattern) >= 0;
  }
}
