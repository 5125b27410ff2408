/**
 * Owns the errors of this adapter itself: one class and one stable `code` per thing that pg has no error of its own for.
 * It must never know what an error means for a connection; the error table does.
 */
import { CryoError } from '@cryo/resilience';
import type { PgTarget } from './pg-types.ts';

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What answers at the address speaks another protocol than PostgreSQL's. */
export class NotPostgresError extends CryoError {
  constructor(beginning: string) {
    super('NOT_POSTGRES', `What answers there is no PostgreSQL server: its answer begins with ${beginning}`);
  }

  override get name(): string {
    return 'NotPostgresError';
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

/** None of several hosts gave a connection; `errors` has what each said, in the order in which they were tried. */
export class AllHostsFailedError extends CryoError {
  /** What each host said, in the order in which they were tried. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[], hosts: readonly string[]) {
    const told = errors.map((error, index) => `${hosts[index]}: ${error instanceof Error ? error.message : error}`);
    super('ALL_HOSTS_FAILED', `No host gave a connection (${told.join('; ')})`, { cause: errors.at(-1) });
    this.errors = errors;
  }

  override get name(): string {
    return 'AllHostsFailedError';
  }
}

/** A dial of one of several hosts took longer than its share of the dial's time. */
export class HostTimeoutError extends CryoError {
  constructor(shareMs: number) {
    super('HOST_TIMEOUT', `The host did not answer within ${Math.round(shareMs)} ms, its share of the dial's time`);
  }

  override get name(): string {
    return 'HostTimeoutError';
  }
}

/** The caller's `onConnect` (or `verify`) failed; `cause` is what it threw. */
export class SetupFailedError extends CryoError {
  constructor(cause: unknown) {
    super('SETUP_FAILED', `The set-up of a new connection failed: ${said(cause)}`, { cause });
  }

  override get name(): string {
    return 'SetupFailedError';
  }
}

/** The check ran and answered something other than 1. */
export class UnexpectedAnswerError extends CryoError {
  /** What the first column of the first row was. */
  readonly answer: unknown;

  constructor(query: string, answer: unknown) {
    super('UNEXPECTED_ANSWER', `The check '${query}' answered ${String(answer)}, expected 1`);
    this.answer = answer;
  }

  override get name(): string {
    return 'UnexpectedAnswerError';
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
