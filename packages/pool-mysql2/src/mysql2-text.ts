/**
 * Owns what the text of a statement tells of what it may leave on a session; where that is in doubt, it leaves something.
 * It must never know what the server made of it.
 */

/**
 * What a statement may leave: at most a transaction, one that it begins itself, characteristics for the next transaction, or
 * anything at all.
 */
export type Remains = 'nothing' | 'beginning' | 'transaction-mode' | 'session';

/** How the server that is asked reads texts. */
export interface Dialect {
  /** Whether several statements may stand in one; where that was not agreed on, the server takes a second for a mistake. */
  readonly allowsSeveral: boolean;
  /** Whether a backslash within quotes takes the next character in; not so under NO_BACKSLASH_ESCAPES. */
  readonly escapes: boolean;
}

/** Statements that leave nothing but, at most, a transaction, which the server's status tells of. */
const PLAIN = new Set([
  ...['select', 'insert', 'update', 'delete', 'replace', 'with', 'values', 'table', 'show', 'explain', 'describe'],
  ...['desc', 'begin', 'start', 'commit', 'rollback', 'savepoint', 'release', 'create', 'drop', 'alter', 'truncate'],
  ...['rename', 'grant', 'revoke', 'analyze', 'optimize', 'check', 'kill', 'do'],
]);

/** Behind white space, parentheses and comments that are only that. Each comment has one end, so nothing is tried twice. */
const FIRST_WORD = /^(?:[\s(]|\/\*(?!M?!)(?:[^*]|\*(?!\/))*\*\/|(?:--\s|#)[^\n]*\n)*([a-z]+)/i;

/** What is looked for first, in the text as it is: nothing that leaves something does without one of these. */
const SUSPICIOUS = /:=|\binto\s*(?:@|\/\*|--|#)|get_(?:lock|read_locks|write_locks)|tokens_lock|\btemporary\b|\/\*M?!/i;
const SEVERAL = /;\s*\S/;
/** User variables set on the way, locks by name, comments that are executed. */
const STAINING =
  /:=|\binto\s*@|\b(?:get_lock|service_get_(?:read|write)_locks|version_tokens_lock_(?:shared|exclusive))\s*\(|\/\*M?!/i;
const TEMPORARY = /^[\s(]*create\s+(?:or\s+replace\s+)?temporary\b/i;

/** `BEGIN` alone begins a transaction; with more behind it, it may be a block. */
const BEGIN_ALONE = /^begin(?:\s+work)?\s*;?\s*$/i;
const START_TRANSACTION = /^start\s+transaction\b/i;
const TRANSACTION_MODE = /^set\s+transaction\b[^;]*;?\s*$/i;

/** Comments, executed ones apart; values; and names in quotes, which ANSI_QUOTES makes of double ones too. */
const QUOTED = new RegExp(quotedWith("'(?:[^'\\\\]|\\\\[\\s\\S])*'", '"((?:[^"\\\\]|\\\\[\\s\\S])*)"'), 'g');
const QUOTED_WITHOUT_ESCAPES = new RegExp(quotedWith("'[^']*'", '"([^"]*)"'), 'g');
const WORD = /^\w+$/;

function quotedWith(single: string, double: string): string {
  return `/\\*(?!M?!)(?:[^*]|\\*(?!/))*\\*/|(?:--(?=\\s)|#)[^\\n]*|${single}|${double}|\`([^\`]*)\``;
}

/** What a statement may leave. */
export function remainsOf(sql: string, dialect: Dialect): Remains {
  const word = FIRST_WORD.exec(sql)?.[1]?.toLowerCase();
  if (word === 'set') return TRANSACTION_MODE.test(bare(sql, dialect)) ? 'transaction-mode' : 'session';
  if (word === undefined || !PLAIN.has(word)) return 'session';
  if (word === 'begin') return BEGIN_ALONE.test(bare(sql, dialect)) ? 'beginning' : 'session';
  const several = dialect.allowsSeveral && SEVERAL.test(sql);
  if (several || SUSPICIOUS.test(sql)) {
    const text = bare(sql, dialect);
    if (STAINING.test(text) || TEMPORARY.test(text) || (several && SEVERAL.test(text))) return 'session';
  }
  return word === 'start' && START_TRANSACTION.test(bare(sql, dialect)) ? 'beginning' : 'nothing';
}

/** Whether a statement that leaves something may leave the session in another database, or in another role. */
export function mayChange(what: 'database' | 'role', sql: string): boolean {
  return what === 'database' ? /\buse\b/i.test(sql) : /\brole\b/i.test(sql);
}

/** The text without comments and values, and with names out of their quotes. */
function bare(sql: string, { escapes }: Dialect): string {
  return sql
    .replace(escapes ? QUOTED : QUOTED_WITHOUT_ESCAPES, (found, double?: string, name?: string) => {
      const quoted = double ?? name;
      if (quoted !== undefined) return WORD.test(quoted) ? quoted : "''";
      return found.startsWith("'") ? "''" : ' ';
    })
    .trim();
}
