/**
 * Owns the errors of this adapter itself: one class and one stable `code` per thing that pg has no error of its own for.
 * It must never know what an error means for a connection; the error table does.
 */
import { ForeignServerError, type PeerAnswer } from '@cryo/pool-core';
import { CryoError } from '@cryo/resilience';
import type { PgTarget } from './pg-types.ts';

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What answers at the address speaks another protocol than PostgreSQL's. */
export class NotPostgresError extends ForeignServerError {
  constructor(heard: { readonly address: string; readonly answer: PeerAnswer }) {
    super('NOT_POSTGRES', 'PostgreSQL', heard);
  }

  override get name(): string {
    return 'NotPostgresError';
  }
}

/**
 * What listens at the address hung up without a word when it was spoken to: a proxy with no server behind it, a server that is
 * ending, one that wants TLS at once (`sslnegotiation=direct`), or none of PostgreSQL's. `cause` is pg's own error.
 */
export class HungUpError extends CryoError {
  constructor(address: string, cause: unknown) {
    const kinds = 'a proxy without a server, one that wants TLS at once, or no PostgreSQL server';
    super('HUNG_UP', `What listens at ${address} hung up without a word when it was spoken to: ${kinds}`, { cause });
  }

  override get name(): string {
    return 'HungUpError';
  }
}

/** Something answers, and pg can't read it: a way to authenticate that it does not know, say. `cause` is pg's own error. */
export class UnreadableAnswerError extends CryoError {
  constructor(cause: unknown) {
    super('UNREADABLE_ANSWER', `The server says what pg can't read: ${said(cause)}`, { cause });
  }

  override get name(): string {
    return 'UnreadableAnswerError';
  }
}

/** pg makes no client of this configuration; `cause` is its own error, or that of a file that was to be read. */
export class ConfigurationRefusedError extends CryoError {
  constructor(cause: unknown) {
    super('CONFIGURATION_REFUSED', `pg refuses the configuration: ${said(cause)}`, { cause });
  }

  override get name(): string {
    return 'ConfigurationRefusedError';
  }
}

/** TLS was asked for, and the server has none; `cause` is pg's own error. */
export class TlsRefusedError extends CryoError {
  constructor(cause: unknown) {
    super('TLS_REFUSED', 'The server does not support TLS, and the connection asks for it', { cause });
  }

  override get name(): string {
    return 'TlsRefusedError';
  }
}

/** The server is not of the kind that `target` asks for. */
export class TargetMismatchError extends CryoError {
  /** The kind of server that is wanted. */
  readonly target: PgTarget;

  constructor(target: PgTarget) {
    const found = target === 'primary' ? 'takes no writes' : 'is not in recovery';
    super('TARGET_MISMATCH', `The server ${found}, a ${target} is wanted`);
    this.target = target;
  }

  override get name(): string {
    return 'TargetMismatchError';
  }
}

/** The connection was ended while it was lent, or its holder asked for its end. */
export class ConnectionEndedError extends CryoError {
  constructor(what: string, cause?: unknown) {
    super('CONNECTION_ENDED', what, cause === undefined ? undefined : { cause });
  }

  override get name(): string {
    return 'ConnectionEndedError';
  }
}

/** COMMIT was answered with ROLLBACK: an earlier statement had failed, and its error was swallowed. */
export class CommitRefusedError extends CryoError {
  constructor() {
    super('COMMIT_REFUSED', 'The transaction had failed before its COMMIT, and was rolled back by the server');
  }

  override get name(): string {
    return 'CommitRefusedError';
  }
}
