/**
 * Owns the slice of the platform that sealing needs: WebCrypto's AES-GCM, base64 and UTF-8, by feature detection.
 * It must never know what is sealed, nor keep a key or a text.
 */

/** WebCrypto's key, which shows nothing. */
type Key = object;

interface Algorithm {
  readonly name: 'AES-GCM';
  readonly iv: Uint8Array;
  readonly additionalData: Uint8Array;
}

interface Crypto {
  getRandomValues(bytes: Uint8Array): Uint8Array;
  readonly subtle?: {
    importKey(
      format: 'raw',
      bytes: Uint8Array,
      algorithm: { readonly name: 'AES-GCM' },
      extractable: false,
      usages: readonly ('encrypt' | 'decrypt')[],
    ): Promise<Key>;
    encrypt(algorithm: Algorithm, key: Key, text: Uint8Array): Promise<ArrayBuffer>;
    decrypt(algorithm: Algorithm, key: Key, sealed: Uint8Array): Promise<ArrayBuffer>;
  };
}

interface Platform {
  readonly crypto?: Crypto;
  atob(base64: string): string;
  btoa(binary: string): string;
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new (
    encoding: 'utf-8',
    options: { readonly fatal: true; readonly ignoreBOM: true },
  ) => {
    decode(bytes: ArrayBuffer): string;
  };
}

const platform = globalThis as object as Platform;

/** Browsers have no `subtle` outside of secure contexts. */
export function hasCrypto(): boolean {
  return platform.crypto?.subtle !== undefined;
}

function subtle(): NonNullable<Crypto['subtle']> {
  const found = platform.crypto?.subtle;
  if (found === undefined) throw new TypeError('WebCrypto is not there');
  return found;
}

export function randomBytes(length: number): Uint8Array {
  return platform.crypto?.getRandomValues(new Uint8Array(length)) ?? new Uint8Array(0);
}

export function toUtf8(text: string): Uint8Array {
  return new platform.TextEncoder().encode(text);
}

/** In the alphabet of URLs, without padding: it passes through shells, YAML and connection strings as it is. */
export function toBase64(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return platform.btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Either alphabet, with padding or without; `undefined` for what is no base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined;
  try {
    const binary = platform.atob(text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, ''));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

export async function encrypt(keyBytes: Uint8Array, text: string, parts: Omit<Algorithm, 'name'>): Promise<Uint8Array> {
  const key = await subtle().importKey('raw', keyBytes, { name: 'AES-GCM' }, false, ['encrypt']);
  return new Uint8Array(await subtle().encrypt({ name: 'AES-GCM', ...parts }, key, toUtf8(text)));
}

/** `undefined` when the key does not fit, or a bit was changed, which cannot be told apart. */
export async function decrypt(
  keyBytes: Uint8Array,
  sealed: Uint8Array,
  parts: Omit<Algorithm, 'name'>,
): Promise<string | undefined> {
  const key = await subtle().importKey('raw', keyBytes, { name: 'AES-GCM' }, false, ['decrypt']);
  try {
    const bytes = await subtle().decrypt({ name: 'AES-GCM', ...parts }, key, sealed);
    return new platform.TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
