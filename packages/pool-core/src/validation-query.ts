/**
 * Owns the judging of a validation query: whether it is one statement that can do nothing but read.
 * It must never know a database, nor run anything; each adapter brings the functions that its queries may call.
 */

/** What an adapter allows. */
export interface ValidationQueryRules {
  /** Functions that may be called, in lower case. */
  readonly functions: readonly string[];
}

/**
 * One token at a time; what is not listed is refused. Strings end where every database agrees that they do: a quote is
 * doubled, and a backslash, which one takes for an escape and another for a letter, is not in the list.
 */
const TOKEN =
  /\s+|'(?:[^'\\]|'')*'|"(?:[^"\\]|"")*"|`[^`\\]*`|[A-Za-z_]\w*|\d+(?:\.\d+)?|::|\|\||[<>]=|<>|!=|[.,()*+\-/%=<>]/y;
const WORD = /^[A-Za-z_]/;
const QUOTED = /^["`]/;

/** What may stand before a parenthesis without being called: reserved in every database, so no function has its name. */
const RESERVED = new Set([
  ...['select', 'values', 'in', 'exists', 'and', 'or', 'not', 'as', 'from', 'where', 'having', 'on', 'case', 'when'],
  ...['then', 'else', 'between', 'union', 'intersect', 'except', 'all', 'distinct', 'cast'],
]);

/** Words that make a query write, lock or wait wherever they stand: `SELECT … INTO`, `FOR UPDATE`, `WITH … AS (DELETE …)`. */
const REFUSED_WORDS = new Set([
  ...['into', 'for', 'lock', 'procedure', 'insert', 'update', 'delete', 'replace', 'merge', 'truncate', 'create'],
  ...['alter', 'drop', 'grant', 'revoke', 'set', 'call', 'do', 'copy', 'attach', 'detach', 'pragma', 'vacuum'],
]);

/**
 * What is wrong with a query that is to tell whether a connection works; `undefined` when nothing is. Allowed is one
 * `SELECT` or `VALUES` statement without `;`, comments or parameters, that calls no function but the listed ones. The text
 * completes the sentence "expected …".
 */
export function checkValidationQuery(query: unknown, { functions }: ValidationQueryRules): string | undefined {
  if (typeof query !== 'string') return 'a string';
  if (/--|\/\*/.test(query)) return 'a statement without comments';
  const tokens = tokensOf(query);
  if (typeof tokens === 'string') return tokens;
  const [first = ''] = tokens;
  if (!/^(?:select|values)$/i.test(first)) return 'a statement that begins with SELECT or VALUES';
  for (const index of tokens.keys()) {
    const fault = faultAt(tokens, index, functions);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The tokens without white space, or what is wrong with the first that is none. */
function tokensOf(query: string): readonly string[] | string {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(query)?.[0];
    if (token === undefined) return describeStranger(query.charAt(at));
    if (token.trim() !== '') tokens.push(token);
  }
  return tokens;
}

function describeStranger(character: string): string {
  if (character === ';') return "one statement without ';'";
  if (character === "'" || character === '"' || character === '`') return 'a statement whose quotes are closed';
  return `a plain statement without '${character}'`;
}

function faultAt(tokens: readonly string[], index: number, functions: readonly string[]): string | undefined {
  const token = tokens[index] ?? '';
  const isQuoted = QUOTED.test(token);
  if (!isQuoted && !WORD.test(token)) return undefined;
  const word = token.toLowerCase();
  if (!isQuoted && REFUSED_WORDS.has(word)) return `a statement that only reads, without ${word.toUpperCase()}`;
  if (tokens[index + 1] !== '(') return undefined;
  const isPlain = !isQuoted && tokens[index - 1] !== '.';
  if (isPlain && (RESERVED.has(word) || functions.includes(word))) return undefined;
  return `a statement that calls no function but ${functions.join(', ')}`;
}
