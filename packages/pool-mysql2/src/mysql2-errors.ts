/**
 * Owns the errors of this adapter itself: one class and one stable `code` per thing that mysql2 has no error of its own for.
 * It must never know what an error means for a connection; the error table does.
 */
import { ForeignServerError, type PeerAnswer } from '@cryo/pool-core';
import { AbortedError, CryoError } from '@cryo/resilience';

/** What answers at the address speaks another protocol than MySQL's, or waits to be spoken to, which MySQL's servers never do. */
export class NotMysqlError extends ForeignServerError {
  constructor(heard: { readonly address: string; readonly answer: PeerAnswer }) {
    super('NOT_MYSQL', 'MySQL', heard);
  }

  override get name(): string {
    return 'NotMysqlError';
  }
}

/** TLS was asked for, and the server has none; `cause` is mysql2's own error. */
export class TlsRefusedError extends CryoError {
  constructor(cause: unknown) {
    super('TLS_REFUSED', 'The server does not support TLS, and the connection asks for it', { cause });
  }

  override get name(): string {
    return 'TlsRefusedError';
  }
}

/** TLS was agreed on and could not be set up, as with a certificate that nobody trusts; `cause` is mysql2's own error. */
export class TlsFailedError extends CryoError {
  constructor(cause: unknown) {
    super('TLS_FAILED', `TLS with the server could not be set up: ${messageOf(cause)}`, { cause });
  }

  override get name(): string {
    return 'TlsFailedError';
  }
}

/** The server takes no writes, and `target` asks for one that does. */
export class TargetMismatchError extends CryoError {
  constructor() {
    super('TARGET_MISMATCH', 'The server takes no writes, a primary is wanted');
  }

  override get name(): string {
    return 'TargetMismatchError';
  }
}

/** A lease left something on its connection that can't be undone; the connection is replaced. */
export class SessionNotCleanError extends CryoError {
  constructor(remains: string) {
    super('SESSION_NOT_CLEAN', `A lease left its connection with ${remains}`);
  }

  override get name(): string {
    return 'SessionNotCleanError';
  }
}

/** The connection was ended while it was in use. */
export class ConnectionEndedError extends CryoError {
  constructor(what: string) {
    super('CONNECTION_ENDED', what);
  }

  override get name(): string {
    return 'ConnectionEndedError';
  }
}

/** The caller's signal aborted while a statement ran: its connection was ended, which the server takes for a rollback. */
export class StatementAbortedError extends AbortedError {
  constructor(reason: unknown) {
    super(reason, 'The statement was aborted by its caller, and its connection ended');
  }

  override get name(): string {
    return 'StatementAbortedError';
  }
}

/**
 * The transaction had ended before its COMMIT: the server rolled it back after an error that was swallowed, or a statement of
 * the work ended it, as DDL does. `cause` is the error.
 */
export class TransactionLostError extends CryoError {
  /**
   * What was committed all the same: `'nothing'`, or perhaps `'something'`, since statements ran outside the transaction,
   * each for itself. Then nothing is tried again.
   */
  readonly committed: 'nothing' | 'something';

  constructor(cause: unknown, committed: 'nothing' | 'something') {
    const rest = committed === 'nothing' ? '' : ', and what was said afterwards, or before, may be committed';
    super('TRANSACTION_LOST', `The transaction ended before its COMMIT${rest}: ${messageOf(cause)}`, { cause });
    this.committed = committed;
  }

  override get name(): string {
    return 'TransactionLostError';
  }
}

/**
 * Nothing was committed: the server refused to, since it takes no writes any more, or the connection had ended before COMMIT
 * was sent. `cause` is the error that says so.
 */
export class CommitRefusedError extends CryoError {
  constructor(cause: unknown) {
    super('COMMIT_REFUSED', `Nothing was committed: ${messageOf(cause)}`, { cause });
  }

  override get name(): string {
    return 'CommitRefusedError';
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
