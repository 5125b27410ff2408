/**
 * Owns the end of a statement that nobody wants any more: the server is asked to cancel it, and else its socket ends.
 * It must never know who wanted it, nor cancel what comes after it.
 */
import type { AbortSignal, Timer, Timers } from '@cryo/resilience';
import pg from 'pg';
import { hangUp, streamOf } from './pg-dial.ts';
import { type PgConnection, type PgWire, stateOf } from './pg-types.ts';

/** What a server gets to answer a cancel request, and then to end the statement, in ms. */
const PATIENCE_MS = 1_000;

/** The first pause between two requests, in ms; each is twice as long. */
const FIRST_PAUSE_MS = 25;

/**
 * Waits for a statement, and has it cancelled when the signal aborts. The connection is not used again before the server
 * has taken the cancel request in: a late one would hit the next statement.
 */
export async function cancellable<Result>(
  connection: PgConnection,
  { signal, timers }: { readonly signal: AbortSignal; readonly timers: Timers },
  statement: () => Promise<Result>,
): Promise<Result> {
  let cancelling: Promise<void> | undefined;
  let timer: Timer | undefined;
  const insistence = new Insistence(timers);
  const aborted = () => {
    cancelling = insistence.repeat(() => requestCancel(connection, timers).catch(() => hangUp(connection)));
    timer = timers.set(2 * PATIENCE_MS, () => hangUp(connection), { background: false });
  };
  if (signal.aborted) throw signal.reason;
  signal.addEventListener('abort', aborted, { once: true });
  try {
    return await statement();
  } finally {
    signal.removeEventListener('abort', aborted);
    insistence.end();
    await cancelling;
    timer?.cancel();
  }
}

/** A request that overtakes its statement, or that the statement catches, cancels nothing: it is made until the statement ends. */
class Insistence {
  readonly #timers: Timers;
  #isOver = false;
  #wake = () => {};

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  async repeat(request: () => Promise<void>): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !this.#isOver; pauseMs *= 2) {
      await request();
      if (!this.#isOver) await this.#pause(pauseMs);
    }
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#timers.set(delayMs, resolve, { background: false });
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

/** Resolves when the server has closed the connection that asked, which it does after it has passed the request on. */
async function requestCancel(connection: PgConnection, timers: Timers): Promise<void> {
  const { processID, secretKey } = stateOf(connection);
  const { host, port } = connection;
  const stream = streamOf(connection);
  // A stream that was there already leads where no second one does.
  const hasNoWay = stream !== undefined && typeof stream !== 'function';
  if (hasNoWay || typeof processID !== 'number' || typeof secretKey !== 'number') {
    return hangUp(connection);
  }
  const { ssl } = connection as { readonly ssl?: boolean | object };
  const wire: PgWire & pg.Connection = new pg.Connection({ ssl: ssl as boolean, ...(stream && { stream }) });
  return new Promise((resolve) => {
    const failed = () => {
      wire.stream.destroy();
      hangUp(connection);
      resolve();
    };
    const timer = timers.set(PATIENCE_MS, failed, { background: false });
    wire.on('error', () => {
      timer.cancel();
      failed();
    });
    wire.once('end', () => {
      timer.cancel();
      resolve();
    });
    const ask = () => wire.cancel?.(processID, secretKey);
    wire.once('connect', () => (ssl ? wire.requestSsl?.() : ask()));
    wire.once('sslconnect', ask);
    if (host.startsWith('/')) wire.connect?.(`${host}/.s.PGSQL.${port}`);
    else wire.connect?.(port, host);
  });
}
