/**
 * Owns what a lease did to the session behind its connection: noticing it as it happens.
 * It must never know who used the connection, nor when, nor wash anything away.
 */
import { SessionNotCleanError } from './mysql2-errors.ts';
import type { MysqlReset } from './mysql2-options.ts';
import {
  AUTOCOMMIT,
  DATABASE_CHANGED,
  DATABASE_DROPPED,
  FAILED,
  IN_TRANSACTION,
  NO_BACKSLASH_ESCAPES,
  STATE_CHANGED,
  statusOf,
} from './mysql2-status.ts';
import { mayChange, type Remains, remainsOf } from './mysql2-text.ts';
import type { MysqlCommand, MysqlCore, MysqlGreeting, MysqlPacket } from './mysql2-types.ts';

/**
 * After these the server may have rolled the whole transaction back, and what follows is committed one by one: the conflicts,
 * and ER_LOCK_TABLE_FULL (row_mysql_handle_errors in storage/innobase/row/row0mysql.cc).
 */
const ROLLED_BACK = new Set([1020, 1205, 1206, 1213, 1613, 1614, 3101]);

/** What is known of the session behind one connection. */
export class Session {
  /** Whether a transaction is open, or may be. */
  inTransaction = false;
  /** Answers that have not come yet. */
  pending = 0;
  /** What may have ended the transaction that its holder believes in; `undefined` for nothing. */
  rolledBackBy: unknown;
  /** The error that was answered last, after which the server has said nothing more of a transaction. */
  failure: unknown;
  /** Whether something was carried out outside the transaction that its holder believes in. */
  strayed = false;
  /** Told of a connection that ends while an answer is still to come. */
  orphaned: ((core: MysqlCore) => void) | undefined;
  /** The packet that is being read; none when a command begins. */
  packet: MysqlPacket | undefined;
  readonly charsetNumber: number | undefined;
  /** Whether the handshake's character set outlives a reset. */
  readonly isMariadb: boolean;
  readonly #allowsSeveral: boolean;
  #status: number;
  #remains: Remains = 'nothing';
  #changedUser = false;
  #changedRole = false;
  #changedDatabase = false;
  #wasAsked = false;

  constructor(core: MysqlCore, { serverVersion = '', statusFlags = AUTOCOMMIT }: MysqlGreeting) {
    this.charsetNumber = core.config.charsetNumber;
    this.isMariadb = /mariadb/i.test(serverVersion);
    this.#allowsSeveral = core.config.multipleStatements === true;
    this.#status = statusFlags;
  }

  /** Whether a reset is due: more may be left than a transaction. */
  isStained(level: MysqlReset): boolean {
    if (level === 'transaction') return false;
    return this.#remains !== 'nothing' || (level === 'everything' && this.#wasAsked);
  }

  /** Whether nothing of that level is left: no transaction, no answer that has not come, no setting. */
  isClean(level: MysqlReset): boolean {
    return !this.inTransaction && this.pending === 0 && !this.#changedUser && !this.isStained(level);
  }

  get changedDatabase(): boolean {
    return this.#changedDatabase;
  }

  /** @throws SessionNotCleanError for what no reset undoes */
  throwIfSpoilt(level: MysqlReset, database: string | undefined): void {
    if (this.#changedUser) throw new SessionNotCleanError('another user');
    if (level === 'transaction') return;
    if (this.#changedRole) throw new SessionNotCleanError('another role');
    if (this.#changedDatabase && database === undefined) throw new SessionNotCleanError('a database');
  }

  note(command: MysqlCommand): void {
    const sql = command.sql ?? command.statement?.query;
    const remains = typeof sql === 'string' ? this.#read(sql) : undefined;
    this.pending++;
    command.once('end', () => {
      this.pending--;
      if (remains !== undefined) this.#hear(remains);
    });
    const { onResult } = command;
    if (onResult === undefined) command.on('error', (error: unknown) => this.#fail(error));
    else {
      command.onResult = (error, ...rest) => {
        if (error !== null && error !== undefined) this.#fail(error);
        onResult.call(command, error, ...rest);
      };
    }
  }

  /** For a reset that its holder asked for: what the set-up did is gone. */
  stain(): void {
    this.#remains = 'session';
  }

  changeUser(): void {
    this.#changedUser = true;
  }

  /** What was done so far is the session that every lease begins with. */
  settle(): void {
    this.#remains = 'nothing';
    this.#changedUser = false;
    this.#changedRole = false;
    this.#changedDatabase = false;
    this.#wasAsked = false;
    this.rolledBackBy = undefined;
  }

  #read(sql: string): Remains {
    this.#wasAsked = true;
    const remains = remainsOf(sql, {
      allowsSeveral: this.#allowsSeveral,
      escapes: (this.#status & NO_BACKSLASH_ESCAPES) === 0,
    });
    if (remains === 'nothing') return remains;
    if (remains === 'beginning') {
      this.rolledBackBy = undefined;
      this.failure = undefined;
      // What was open is committed then.
      this.strayed = this.inTransaction;
      if (this.#remains === 'transaction-mode') this.#remains = 'nothing';
      return remains;
    }
    if (mayChange('database', sql)) this.#changedDatabase = true;
    if (mayChange('role', sql)) this.#changedRole = true;
    if (this.#remains !== 'session') this.#remains = remains;
    return remains;
  }

  #hear(remains: Remains): void {
    const status = this.packet === undefined ? undefined : statusOf(this.packet);
    this.packet = undefined;
    if (status === undefined) return;
    if (status === FAILED) {
      // An error tells nothing of what came before it: in autocommit, and by one plain statement, nothing was begun.
      if (remains === 'session' || (this.#status & AUTOCOMMIT) === 0) this.inTransaction = true;
      return;
    }
    this.#status = status;
    this.failure = undefined;
    this.inTransaction = (status & IN_TRANSACTION) !== 0;
    if (!this.inTransaction) this.strayed = true;
    if ((status & (STATE_CHANGED | DATABASE_DROPPED)) === 0) return;
    this.#remains = 'session';
    if ((status & (DATABASE_CHANGED | DATABASE_DROPPED)) !== 0) this.#changedDatabase = true;
  }

  #fail(error: unknown): void {
    const { errno } = error as { readonly errno?: unknown };
    this.failure = error;
    if (typeof errno === 'number' && ROLLED_BACK.has(errno)) this.rolledBackBy = error;
  }
}

const sessions = new WeakMap<MysqlCore, Session>();

/** Begins to watch what passes through a connection. */
export function watchSession(core: MysqlCore, greeting: MysqlGreeting = {}): Session {
  const session = new Session(core, greeting);
  const { addCommand, handlePacket, reset, changeUser } = core;
  core.addCommand = (command) => {
    session.note(command);
    return addCommand.call(core, command);
  };
  core.handlePacket = (packet) => {
    session.packet = packet;
    handlePacket.call(core, packet);
  };
  core.reset = (callback) => {
    session.stain();
    return reset.call(core, callback);
  };
  core.changeUser = (...given) => {
    session.changeUser();
    return changeUser.apply(core, given);
  };
  sessions.set(core, session);
  return session;
}

/** The session behind a connection; `undefined` for one that is not watched. */
export function sessionOf(core: MysqlCore): Session | undefined {
  return sessions.get(core);
}
