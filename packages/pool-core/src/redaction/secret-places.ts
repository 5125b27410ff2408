/**
 * Owns the places where a secret stands whoever knows it: the password of a URL, and what is assigned to a password.
 * It must never know any secret by value.
 */

/** What stands for a secret. */
export const MASK = '***';

/** From the scheme to the end of the word. */
const URL_WORD = /:\/\/[^\s'"`<>]*/g;
/** User and colon, but not host and port. */
const USER = /[^/?#:]{0,1024}:(?!\d{1,5}(?:[/?#,;)]|$))/y;

const KEY = '(?:password|passwd|passphrase|pwd|secret|(?<![a-z0-9])pass)';
const QUOTED = String.raw`"(?:[^"\\\n]|\\.)*(?:"|$)|'(?:[^'\\\n]|\\.|'')*(?:'|$)|\`[^\`\n]*(?:\`|$)`;
const QUOTED_WITHIN_QUOTES = String.raw`\\{1,15}"(?:(?!\\{1,15}").)*(?:\\{1,15}"|$)|\\{1,15}'(?:(?!\\{1,15}').)*(?:\\{1,15}'|$)`;
const BARE = String.raw`(?:[^\s"'\`;&,)\]}\\]|[,)\]}](?=[^\s,;)\]}])|\\(?!["']))+`;

/** `password=…`, `pwd: …`, `"pass":"…"`, also escaped within a string. */
const ASSIGNMENT = new RegExp(
  String.raw`(${KEY}(?:\\*["'\`])?\s*(?:=>|[=:])\s*)(${QUOTED_WITHIN_QUOTES}|${QUOTED}|${BARE})`,
  'gim',
);
const KEY_ALONE = new RegExp(`${KEY}$`, 'i');
const HUMP = /(?<=[a-z0-9])(?=[A-Z])/g;

/** Values that say that there is no password, which is what an operator wants to know. */
const TELLING_NOTHING = /^(?:undefined|null|true|false|""|'')$/;

/** Whether a value under this key is a secret whatever it is. */
export function isSecretKey(key: string): boolean {
  return KEY_ALONE.test(key.replace(HUMP, '_'));
}

/** The text with {@link MASK} in all such places. */
export function maskPlaces(text: string): string {
  const masked = text.replace(URL_WORD, maskUrl);
  return masked.replace(ASSIGNMENT, (whole, key: string, value: string, at: number) => {
    if (TELLING_NOTHING.test(value) || isMysqlHint(masked, at, key, value)) return whole;
    const quote = /^\\*["'`]/.exec(value)?.[0] ?? '';
    return `${key}${quote}${MASK}${quote}`;
  });
}

/** MySQL and MariaDB end "Access denied" with `(using password: YES)`. */
function isMysqlHint(text: string, at: number, key: string, value: string): boolean {
  return key === 'password: ' && (value === 'YES' || value === 'NO') && text.slice(0, at).endsWith('(using ');
}

/**
 * `scheme://user:password@`, from the scheme on. The password may hold any character that whoever wrote the URL forgot to
 * encode, so it ends at the last `@` of the word.
 */
function maskUrl(word: string): string {
  const end = word.lastIndexOf('@');
  for (let scheme = 0; scheme >= 0 && scheme < end; scheme = word.indexOf('://', scheme + 3)) {
    USER.lastIndex = scheme + 3;
    if (USER.test(word) && USER.lastIndex <= end) return word.slice(0, USER.lastIndex) + MASK + word.slice(end);
  }
  return word;
}
