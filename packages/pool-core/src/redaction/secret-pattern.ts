/**
 * Owns how a known secret can be spelled: as it is, escaped, percent-encoded, in base64 or in hexadecimal.
 * It must never know where the text comes from, nor what replaces a secret.
 */

/**
 * Shorter secrets are not searched for: every message would lose half of its letters, and so give them away. They are
 * still masked where their place tells what they are: in a URL, after `password=`, under a key named so.
 */
export const SHORTEST_SECRET = 3;
/** Four levels of nesting; without a limit, a long run of backslashes would take quadratic time. */
const BACKSLASHES = '\\\\{1,15}';
/** A shorter piece of something in base64 occurs by chance. */
const SHORTEST_PIECE = 6;

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CONTROL_ESCAPES: Readonly<Record<string, string>> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't' };

/** Finds every spelling of every secret; `undefined` when there is nothing to look for. Longer secrets are found first. */
export function patternOf(secrets: readonly string[]): RegExp | undefined {
  const searched = [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST_SECRET);
  if (searched.length === 0) return undefined;
  const sources = searched
    .sort((one, other) => other.length - one.length)
    .flatMap((secret) => [spelled(secret), ...encoded(secret)]);
  return new RegExp(sources.join('|'), 'g');
}

/** Each character as it is or in any escape that URLs, JSON, SQL and JavaScript know, to any depth of nesting. */
function spelled(secret: string): string {
  return [...secret].map((character) => `(?:${spellings(character).join('|')})`).join('');
}

function spellings(character: string): string[] {
  const all = [percentEncoded(character), unicodeEscaped(character)];
  const control = CONTROL_ESCAPES[character];
  if (control !== undefined) all.push(`${BACKSLASHES}${control}`);
  if (character === ' ') all.push('\\+');
  if (character === '\\') return [BACKSLASHES, ...all];
  if (character === "'" || character === '"' || character === '`')
    return [`(?:${BACKSLASHES})?${character}{1,2}`, ...all];
  return [literal(character), ...all];
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function percentEncoded(character: string): string {
  return bytesOf(character)
    .map((byte) => `%(?:25){0,4}${hexadecimal(byte)}`)
    .join('');
}

function unicodeEscaped(character: string): string {
  return character
    .split('')
    .map((unit) => `${BACKSLASHES}u${hexadecimal(unit.charCodeAt(0) >> 8)}${hexadecimal(unit.charCodeAt(0) & 255)}`)
    .join('');
}

/** A byte in hexadecimal, as a pattern that takes either case. */
function hexadecimal(byte: number): string {
  const digits = byte.toString(16).padStart(2, '0');
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function encoded(secret: string): string[] {
  const bytes = bytesOf(secret);
  const within = [0, 1, 2].map((offset) => base64Within(bytes, offset));
  const pieces = within.filter((digits) => digits.length >= SHORTEST_PIECE);
  return [...[inBase64(bytes), ...pieces].map(base64Pattern), bytes.map(hexadecimal).join('')];
}

/** Both alphabets of base64. */
function base64Pattern(form: string): string {
  return form.replace(/[+/]/g, (digit) => (digit === '+' ? '[-+]' : '[_/]'));
}

function inBase64(bytes: readonly number[]): string {
  let digits = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two = 0, three = 0] = bytes.slice(at, at + 3);
    const group = (one << 16) | (two << 8) | three;
    for (const shift of [18, 12, 6, 0]) digits += BASE64[(group >> shift) & 63];
  }
  return digits.slice(0, Math.ceil((bytes.length * 8) / 6));
}

/**
 * The digits that are the same whatever stands before and after: the secret as a part of something longer, such as
 * `user:secret`, that was encoded as a whole.
 *
 *     offset 1    bytes     .......? | secret……
 *                 digits    xxxxxx | xxssss | ssssss …      the first two digits depend on what stands before
 */
function base64Within(bytes: readonly number[], offset: number): string {
  const digits = inBase64([...Array<number>(offset).fill(0), ...bytes]);
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor(((offset + bytes.length) * 8) / 6);
  return digits.slice(from, to);
}

/** UTF-8. A lone surrogate is encoded as the platforms do: as U+FFFD. */
function bytesOf(text: string): number[] {
  const wellFormed = text.replace(/\p{Surrogate}/gu, '\uFFFD');
  const bytes: number[] = [];
  for (const [unit] of encodeURIComponent(wellFormed).matchAll(/%..|./g)) {
    bytes.push(unit.length === 3 ? Number.parseInt(unit.slice(1), 16) : unit.charCodeAt(0));
  }
  return bytes;
}
