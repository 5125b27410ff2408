/**
 * Owns sealed connection values: texts such as passwords that only whoever has the key can read, and their opening at dial time.
 * It must never show a key, or what was sealed, in an error or an inspection.
 */
import { CryoError, OptionCheck } from '@cryo/resilience';
import { OWN_CLASS } from './driver.ts';
import { decrypt, encrypt, fromBase64, hasCrypto, randomBytes, toBase64, toUtf8 } from './sealing-platform.ts';

const FORMAT = 'sealed:v1:';
const ANY_VERSION = /^sealed:v\d+:/;
/** AES-256. */
const KEY_BYTES = 32;
/** NIST SP 800-38D, 8.2: 96 bits, drawn anew for each sealing. One key may seal 2^32 values so. */
const NONCE_BYTES = 12;
/** The tag that GCM appends. */
const TAG_BYTES = 16;

/** What stands in the way of opening a sealed value. */
export type SealFault = 'no-key' | 'bad-key' | 'wrong-key' | 'bad-value' | 'unknown-version' | 'no-crypto';

const MESSAGES: Readonly<Record<SealFault, string>> = {
  'no-key': 'there is no key for a sealed value',
  'bad-key': `a sealing key is not ${KEY_BYTES} bytes in base64`,
  'wrong-key': 'no key opens the sealed value: it was sealed with another one, or was changed since',
  'bad-value': `a sealed value is damaged: after '${FORMAT}' there is no base64 of at least ${NONCE_BYTES + TAG_BYTES} bytes`,
  'unknown-version': `a sealed value is of another version than '${FORMAT}'`,
  'no-crypto': 'this platform has no WebCrypto; browsers have it in secure contexts only',
};

/** A value cannot be sealed or opened. Neither value nor key is in it. A dial that fails with it is misconfigured. */
export class SealError extends CryoError {
  /** What stands in the way. */
  readonly fault: SealFault;

  constructor(fault: SealFault) {
    super('SEAL', `Sealing: ${MESSAGES[fault]}`);
    this.fault = fault;
  }

  override get name(): string {
    return 'SealError';
  }

  get [OWN_CLASS](): 'misconfigured' {
    return 'misconfigured';
  }
}

/** 32 bytes in base64. Of several, the first seals and any opens: put a new key first, and the old one behind it until all is resealed. */
export type SealingKeys = string | readonly string[];

/** A key to seal with, drawn at random: 32 bytes in base64. @throws SealError where the platform has no WebCrypto */
export function newSealingKey(): string {
  if (!hasCrypto()) throw new SealError('no-crypto');
  return toBase64(randomBytes(KEY_BYTES));
}

/** Whether a value claims to be sealed, in whatever version. */
export function isSealed(value: unknown): value is string {
  return typeof value === 'string' && ANY_VERSION.test(value);
}

/**
 * `sealed:v1:` and, in base64, nonce, ciphertext and tag: AES-256-GCM of the text in UTF-8, with the prefix authenticated too.
 *
 * @throws SealError
 */
export async function seal(text: string, keys: SealingKeys): Promise<string> {
  const [key] = readKeys(keys);
  if (key === undefined) throw new SealError('no-key');
  const iv = randomBytes(NONCE_BYTES);
  const sealed = await encrypt(key, text, { iv, additionalData: toUtf8(FORMAT) });
  return `${FORMAT}${toBase64(Uint8Array.from([...iv, ...sealed]))}`;
}

/**
 * The text that was sealed.
 *
 * @throws SealError
 */
export async function unseal(value: string, keys: SealingKeys): Promise<string> {
  if (!value.startsWith(FORMAT)) throw new SealError(isSealed(value) ? 'unknown-version' : 'bad-value');
  const usable = readKeys(keys);
  if (usable.length === 0) throw new SealError('no-key');
  const bytes = fromBase64(value.slice(FORMAT.length).trimEnd());
  if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealError('bad-value');
  const parts = { iv: bytes.subarray(0, NONCE_BYTES), additionalData: toUtf8(FORMAT) };
  for (const key of usable) {
    const text = await decrypt(key, bytes.subarray(NONCE_BYTES), parts);
    if (text !== undefined) return text;
  }
  throw new SealError('wrong-key');
}

function readKeys(keys: SealingKeys): Uint8Array[] {
  if (!hasCrypto()) throw new SealError('no-crypto');
  return (typeof keys === 'string' ? [keys] : keys).map((text) => {
    const bytes = typeof text === 'string' ? fromBase64(text.trim()) : undefined;
    if (bytes?.length !== KEY_BYTES) throw new SealError('bad-key');
    return bytes;
  });
}

/** What an unsealer is made of. */
export interface UnsealerOptions {
  /** The keys, or who is asked for them at each dial that needs one: a key store may rotate them. */
  readonly keys: SealingKeys | (() => SealingKeys | Promise<SealingKeys>);
}

/** Opens sealed values where they are needed, and remembers what it opened, so that it can be masked. */
export interface Unsealer {
  /** The text of a sealed value; any other value as it is. @throws SealError */
  open(value: string): Promise<string>;
  /**
   * The properties of a configuration or an environment, every sealed value among them opened, however deep in plain
   * objects and arrays. What is given stays sealed. @throws SealError
   */
  openAll<Values extends object>(values: Values): Promise<Values>;
  /** What was opened so far, for `Driver.secrets`; of a URL its password too. */
  secrets(): readonly string[];
}

/** More opened values than this are not remembered; the oldest are forgotten first. */
const MOST_REMEMBERED = 1_000;

class SecretUnsealer implements Unsealer {
  readonly #keys: UnsealerOptions['keys'];
  readonly #opened = new Set<string>();

  constructor(keys: UnsealerOptions['keys']) {
    this.#keys = keys;
  }

  async open(value: string): Promise<string> {
    if (!isSealed(value)) return value;
    const text = await unseal(value, await (typeof this.#keys === 'function' ? this.#keys() : this.#keys));
    for (const secret of [text, ...passwordsOf(text)]) this.#remember(secret);
    return text;
  }

  async openAll<Values extends object>(values: Values): Promise<Values> {
    return (await this.#openWithin(values, [])) as Values;
  }

  secrets(): readonly string[] {
    return [...this.#opened];
  }

  async #openWithin(value: unknown, above: readonly unknown[]): Promise<unknown> {
    if (typeof value === 'string') return this.open(value);
    if (above.includes(value)) return value;
    const path = [...above, value];
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return Promise.all(value.map((one) => this.#openWithin(one, path)));
    if (!isPlain(value) && above.length > 0) return value;
    const entries = Object.entries(value).map(
      async ([key, held]) => [key, await this.#openWithin(held, path)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  #remember(secret: string): void {
    this.#opened.delete(secret);
    this.#opened.add(secret);
    const [oldest] = this.#opened;
    if (this.#opened.size > MOST_REMEMBERED && oldest !== undefined) this.#opened.delete(oldest);
  }
}

/**
 * Opens values at dial time, so that nothing but the key has to be kept from readers of the configuration.
 *
 * @throws InvalidOptionsError when `keys` is nothing of the kind; whether a key is sound is seen when one is used
 */
export function createUnsealer(options: UnsealerOptions): Unsealer {
  const check = new OptionCheck('createUnsealer');
  const keys = OptionCheck.read(options, 'keys');
  if (typeof keys !== 'string' && typeof keys !== 'function' && !Array.isArray(keys)) {
    check.fault('keys', keys, 'a key, a list of keys, or a function that answers them');
  }
  check.throwIfFaulty();
  return new SecretUnsealer(keys as UnsealerOptions['keys']);
}

/**
 * An unsealer with the keys of `<prefix>_SEALING_KEY`, several separated by commas or blanks. A missing variable is told
 * only once a sealed value is met.
 */
export function unsealerFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { prefix = 'CRYO' }: { readonly prefix?: string } = {},
): Unsealer {
  const written = env[`${prefix}_SEALING_KEY`] ?? '';
  return createUnsealer({ keys: written.split(/[\s,]+/).filter((key) => key !== '') });
}

/** A literal, and not an instance of a class, which a copy would not be. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The password of a URL, as it is written and as it is meant. */
function passwordsOf(text: string): string[] {
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:(.+)@/i.exec(text)?.[1];
  if (written === undefined) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}
