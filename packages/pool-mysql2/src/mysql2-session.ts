/**
 * Owns what a lease did to the session behind its connection: noticing it as it happens, and washing it away.
 * It must never know who used the connection, nor when.
 */
import { SessionNotCleanError } from './mysql2-errors.ts';
import type { MysqlReset } from './mysql2-options.ts';
import type { MysqlCommand, MysqlCore } from './mysql2-types.ts';

/** What is left on a session: nothing, characteristics for the next transaction, or anything at all. */
type Stain = 'none' | 'transaction-mode' | 'session';

/** SERVER_STATUS_IN_TRANS (https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html). */
const IN_TRANSACTION = 1;

/** Statements that leave nothing but, at most, a transaction, which the server's status tells of. */
const PLAIN = new Set([
  ...['select', 'insert', 'update', 'delete', 'replace', 'with', 'values', 'table', 'show', 'explain', 'describe'],
  ...['desc', 'begin', 'start', 'commit', 'rollback', 'savepoint', 'release', 'create', 'drop', 'alter', 'truncate'],
  ...['rename', 'grant', 'revoke', 'analyze', 'optimize', 'check', 'kill', 'do', 'load', 'import'],
]);

/** Behind white space, parentheses and comments that are only that. */
const FIRST_WORD = /^(?:[\s(]|\/\*(?!M?!)[\s\S]*?\*\/|(?:--\s|#).*\n)*([a-z]+)/i;
/** User variables set on the way, locks by name, temporary tables, comments that are executed, blocks. */
const STAINING = /:=|\binto\s+@|\bget_lock\s*\(|\btemporary\b|\/\*M?!|^\s*begin\s+not\b/i;
const SEVERAL = /;\s*\S/;
const QUOTED = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/g;
const OTHER_DATABASE = /(?:^|;)\s*use\b/i;
const TRANSACTION_MODE = /^\s*set\s+transaction\b[^;]*$/i;
const BEGINNING = /^\s*(?:begin|start)\b/i;

/** After these the server may have rolled the whole transaction back, and what follows is committed one by one. */
const ROLLED_BACK = new Set([1020, 1205, 1213, 1613, 1614, 3101]);

/** What is known of the session behind one connection. */
export class Session {
  /** Whether the server said that a transaction is open. */
  inTransaction = false;
  /** Answers that have not come yet. */
  pending = 0;
  /** What may have ended the transaction that its holder believes in; `undefined` for nothing. */
  rolledBackBy: unknown;
  readonly charsetNumber: number | undefined;
  readonly isMariadb: boolean;
  /** Where they were not agreed on, the server takes a second statement for a mistake. */
  readonly #allowsSeveral: boolean;
  #stain: Stain = 'none';
  #changedUser = false;
  #changedDatabase = false;
  /** Whether a SELECT may begin a transaction: the status of its answer is not passed on. */
  #transactsUnseen = false;

  /** @param isMariadb whether the handshake's character set outlives a reset */
  constructor(core: MysqlCore, isMariadb: boolean) {
    this.charsetNumber = core.config.charsetNumber;
    this.isMariadb = isMariadb;
    this.#allowsSeveral = core.config.multipleStatements === true;
  }

  get isStained(): boolean {
    return this.#stain !== 'none';
  }

  /** Whether nothing of that level is left: no transaction, no answer that has not come, no setting. */
  isClean(level: MysqlReset): boolean {
    if (this.inTransaction || this.pending > 0 || this.#changedUser) return false;
    return level === 'transaction' ? !this.#transactsUnseen : this.#stain === 'none';
  }

  get changedDatabase(): boolean {
    return this.#changedDatabase;
  }

  /** @throws SessionNotCleanError for what no reset undoes */
  throwIfSpoilt(level: MysqlReset, database: string | undefined): void {
    if (this.#changedUser) throw new SessionNotCleanError('another user');
    if (level === 'session' && this.#changedDatabase && database === undefined)
      throw new SessionNotCleanError('a database');
  }

  note(command: MysqlCommand): void {
    if (command.constructor.name === 'ChangeUser') this.#changedUser = true;
    const sql = command.sql ?? command.statement?.query;
    if (sql !== undefined) this.#read(sql);
    this.pending++;
    command.once('end', () => this.pending--);
    command.on('result', (result: unknown) => this.#hear(result));
    const { onResult } = command;
    if (onResult === undefined) command.on('error', (error: unknown) => this.#fail(error));
    else {
      command.onResult = (error, ...rest) => {
        if (error !== null && error !== undefined) this.#fail(error);
        onResult.call(command, error, ...rest);
      };
    }
  }

  /** What was done so far is the session that every lease begins with. */
  settle(): void {
    this.#stain = 'none';
    this.#changedUser = false;
    this.#transactsUnseen = false;
    this.#changedDatabase = false;
    this.rolledBackBy = undefined;
  }

  #read(sql: string): void {
    if (BEGINNING.test(sql)) {
      this.rolledBackBy = undefined;
      if (this.#stain === 'transaction-mode') this.#stain = 'none';
    }
    if (!isStaining(sql, this.#allowsSeveral)) return;
    if (/\bautocommit\b/i.test(sql)) this.#transactsUnseen = true;
    if (OTHER_DATABASE.test(sql)) this.#changedDatabase = true;
    if (!TRANSACTION_MODE.test(sql)) this.#stain = 'session';
    else if (this.#stain === 'none') this.#stain = 'transaction-mode';
  }

  #hear(result: unknown): void {
    if (!isHeader(result)) return;
    this.inTransaction = (result.serverStatus & IN_TRANSACTION) !== 0;
  }

  #fail(error: unknown): void {
    const { errno } = error as { readonly errno?: unknown };
    if (typeof errno === 'number' && ROLLED_BACK.has(errno)) this.rolledBackBy = error;
  }
}

/** Whether a statement may leave more than a transaction behind. */
function isStaining(sql: string, allowsSeveral: boolean): boolean {
  const word = FIRST_WORD.exec(sql)?.[1]?.toLowerCase();
  if (word === undefined || !PLAIN.has(word)) return true;
  const stains = (text: string) => STAINING.test(text) || (allowsSeveral && SEVERAL.test(text));
  // Values stand in the text too; they are left out only where they could be what was found.
  return stains(sql) && stains(sql.replace(QUOTED, "''"));
}

/** Not a row, which may have a column of that name. */
function isHeader(result: unknown): result is { readonly serverStatus: number } {
  return (
    typeof result === 'object' &&
    result !== null &&
    result.constructor?.name === 'ResultSetHeader' &&
    typeof (result as { readonly serverStatus?: unknown }).serverStatus === 'number'
  );
}

const sessions = new WeakMap<MysqlCore, Session>();

/** Begins to watch what is sent through a connection. */
export function watchSession(core: MysqlCore, isMariadb: boolean): Session {
  const session = new Session(core, isMariadb);
  const { addCommand } = core;
  core.addCommand = (command) => {
    session.note(command);
    return addCommand.call(core, command);
  };
  sessions.set(core, session);
  return session;
}

/** The session behind a connection; `undefined` for one that is not watched. */
export function sessionOf(core: MysqlCore): Session | undefined {
  return sessions.get(core);
}
