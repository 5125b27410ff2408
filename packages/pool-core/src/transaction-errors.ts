/**
 * Owns the errors that only transactions know: an unknown outcome, a rollback that failed, and a context used out of turn.
 * It must never know how a transaction runs, nor see a secret: causes arrive masked.
 */
import { CryoError } from '@cryo/resilience';
import { describeCause } from './description.ts';
import { OWN_CLASS } from './driver.ts';

/**
 * COMMIT was sent and no answer came that says what became of it: the work is either committed as a whole or not at all.
 * It is never tried again by itself, since that could do everything twice. `cause` is what came instead of the answer.
 */
export class CommitOutcomeUnknownError extends CryoError {
  /** The pool's name. */
  readonly pool: string;

  constructor(pool: string, cause: unknown) {
    const what = `Pool '${pool}': COMMIT was not answered, so the transaction may or may not be committed`;
    super('COMMIT_OUTCOME_UNKNOWN', `${what}: ${describeCause(cause)}`, { cause });
    this.pool = pool;
  }

  override get name(): string {
    return 'CommitOutcomeUnknownError';
  }

  /** Whatever the cause was, nobody may be lent the connection again. */
  get [OWN_CLASS](): 'connection-lost' {
    return 'connection-lost';
  }
}

/** Whether the error says that nobody knows. What throws as soon as it is looked at says nothing. */
export function saysOutcomeUnknown(error: unknown): boolean {
  try {
    return error instanceof CommitOutcomeUnknownError;
  } catch {
    return false;
  }
}

/**
 * A transaction could not be rolled back, so its connection was ended, which rolls back as well. Seen in the event
 * `connection-error`; the caller gets the error that the work failed with.
 */
export class RollbackFailedError extends CryoError {
  constructor(cause: unknown) {
    super('ROLLBACK_FAILED', `A transaction could not be rolled back: ${describeCause(cause)}`, { cause });
  }

  override get name(): string {
    return 'RollbackFailedError';
  }

  /** Whatever the cause was, nobody may be lent the connection again. */
  get [OWN_CLASS](): 'connection-lost' {
    return 'connection-lost';
  }
}

/** The context of a transaction was used after its end, or while a nested transaction of it was running. */
export class TransactionStateError extends CryoError {
  constructor(state: 'nested' | 'ended' | 'left') {
    super('TRANSACTION_STATE', MESSAGES[state]);
  }

  override get name(): string {
    return 'TransactionStateError';
  }
}

const MESSAGES = {
  nested: 'A nested transaction is still running: await it, or nest in its own context',
  ended: 'The transaction has ended',
  left: 'The work of a transaction ended before a nested one that it had begun; everything was rolled back',
};
