/**
 * Owns a transaction from its first attempt to its last: what is tried again, when, and what its caller gets.
 * It must never know any dialect, nor what the work does.
 */
import {
  type AbortSignal,
  type Clock,
  exponentialBackoff,
  guardTimers,
  OptionCheck,
  type Random,
  systemClock,
  systemRandom,
  systemTimers,
  type Timer,
  type Timers,
} from '@cryo/resilience';
import { classifyError, type Driver } from './driver.ts';
import type { Pool } from './pool.ts';
import { quietly } from './quietly.ts';
import { createRedactor } from './redaction.ts';
import { attemptTransaction, type TransactionDesk } from './transaction-attempt.ts';
import { checkTransaction, type TransactionOptions, type TransactionStatements } from './transaction-options.ts';
import type { TransactionWork } from './transaction-scope.ts';

/** What transactions run on. `clock`, `timers` and `random` are those of the pool; default: the real ones. */
export interface TransactorOptions<Connection> {
  /** Where the connections come from. */
  readonly pool: Pool<Connection>;
  /** The driver of that pool: its `classify` says what a conflict is, its `secrets` what is masked. */
  readonly driver: Driver<Connection>;
  /** How this server begins, commits and rolls back. */
  readonly statements: TransactionStatements<Connection>;
  /** What times are read from. Default `systemClock`. */
  readonly clock?: Clock | undefined;
  /** What waits between retries. Default `systemTimers`. */
  readonly timers?: Timers | undefined;
  /** Chance for the backoff's jitter. Default `systemRandom`. */
  readonly random?: Random | undefined;
}

/**
 * Runs the work in a transaction and answers what it returned, once that is committed. Whatever is thrown rolls back and
 * reaches the caller as it is; only after a conflict is everything tried again. An abort does not interrupt the work: the
 * work is told, and whatever it makes of it, nothing is committed then.
 *
 * @throws CommitOutcomeUnknownError when COMMIT was sent and not answered; that is never tried again
 * @throws AbortedError, DeadlineExceededError when the work ended well but nobody wanted it any more; it was rolled back
 * @throws TransactionStateError when the work ended before a nested transaction that it had begun
 * @throws InvalidOptionsError, and what `use` of the pool throws
 */
export type Transactor<Connection> = <Result>(
  work: TransactionWork<Connection, Result>,
  options?: TransactionOptions,
) => Promise<Result>;

const BACKOFF = exponentialBackoff({ initialMs: 25, maxMs: 1_000, jitter: 'full' });
const MAX_RETRIES = 3;
/** How long to wait when the caller's backoff fails, in ms. */
const FALLBACK_DELAY_MS = 1_000;

/** Makes an adapter's `transaction`. */
export function createTransactor<Connection>(parts: TransactorOptions<Connection>): Transactor<Connection> {
  checkParts(parts);
  const { pool, driver, statements, clock = systemClock, timers = systemTimers, random = systemRandom } = parts;
  const time = { clock, timers: guardTimers({ clock, timers, stalled: () => {} }) };
  const redactor = createRedactor(() => driver.secrets?.() ?? []);
  const desk: TransactionDesk<Connection> = { pool, driver, statements, time, redactor };
  return async (work, options = {}) => {
    checkTransaction(pool.name, work, options, statements.modes);
    const { maxRetries: _, backoff: __, budget, isolation, readOnly, deferrable, ...use } = options;
    const plan = { mode: { isolation, readOnly, deferrable }, use };
    const retries = new Retries(desk, options, random);
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await attemptTransaction(desk, work, { ...plan, attempt });
        quietly(() => budget?.succeeded?.());
        return result;
      } catch (error) {
        if (!retries.mayFollow(attempt, error)) throw error;
      }
      await pause(time.timers, retries.delayMs, options.signal);
    }
  };
}

function checkParts(parts: unknown): void {
  const check = new OptionCheck('createTransactor');
  if (check.type('options', parts, 'object')) {
    const { pool, driver, statements } = OptionCheck.pick(parts, ['pool', 'driver', 'statements']);
    check.type('pool.use', OptionCheck.read(pool, 'use'), 'function');
    check.type('driver', driver, 'object');
    check.type('statements.begin', OptionCheck.read(statements, 'begin'), 'function');
  }
  check.throwIfFaulty();
}

class Retries<Connection> {
  /** The wait that was decided last. */
  delayMs = 0;
  readonly #desk: TransactionDesk<Connection>;
  readonly #options: TransactionOptions;
  readonly #random: Random;

  constructor(desk: TransactionDesk<Connection>, options: TransactionOptions, random: Random) {
    this.#desk = desk;
    this.#options = options;
    this.#random = random;
  }

  mayFollow(attempt: number, error: unknown): boolean {
    const { maxRetries = MAX_RETRIES, deadline = Number.POSITIVE_INFINITY } = this.#options;
    if (attempt >= maxRetries || classifyError(this.#desk.driver, error, 'use') !== 'conflict') return false;
    this.delayMs = this.#draw(attempt);
    return this.#desk.time.clock.now() + this.delayMs < deadline && this.#hasLeave();
  }

  #draw(attempt: number): number {
    const { backoff = BACKOFF } = this.#options;
    const previousMs = attempt === 0 ? undefined : this.delayMs;
    try {
      const delayMs: unknown = backoff.delayMs(attempt, previousMs, this.#random);
      return typeof delayMs === 'number' && delayMs >= 0 && delayMs < Infinity ? delayMs : FALLBACK_DELAY_MS;
    } catch {
      return FALLBACK_DELAY_MS;
    }
  }

  #hasLeave(): boolean {
    const { budget } = this.#options;
    try {
      return budget === undefined || budget.tryTake() === true;
    } catch {
      return false;
    }
  }
}

/** An abort cuts the pause short; the acquire that follows tells of it. */
function pause(timers: Timers, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const end = () => {
      timer?.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    timer = timers.set(delayMs, end, { background: false });
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
  });
}
