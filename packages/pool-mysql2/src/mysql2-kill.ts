/**
 * Owns the end, on the server, of statements whose connection is gone: a server notices a client that left only when it answers.
 * It must never know why nobody wanted them any more, nor end what it cannot tell for its own.
 */
import type { Pool } from '@cryo/pool-core';
import type { MysqlConnection, MysqlCore } from './mysql2-types.ts';

/** How long a statement that nobody wants waits to be ended, in ms; afterwards it is left to itself. */
const PATIENCE_MS = 5_000;

/** A connection as its server knows it. */
interface Orphan {
  readonly id: number;
  /** Our end of it. Another server behind the same name may have one of the same number, but not from the same port. */
  readonly port: number;
}

/** Ends statements one lease at a time, however many there are. What fails is left: it was the caller's no more. */
export class Killer {
  readonly #orphans: Orphan[] = [];
  #pool: Pool<MysqlConnection> | undefined;
  #isRunning = false;

  /** Whose connections may be used for it. */
  serve(pool: Pool<MysqlConnection>): void {
    this.#pool = pool;
  }

  /** Ends what the connection, which still stands, will leave running. */
  end({ threadId, stream }: MysqlCore): void {
    if (stream.localPort === undefined || this.#pool === undefined) return;
    this.#orphans.push({ id: threadId, port: stream.localPort });
    if (!this.#isRunning) void this.#run(this.#pool);
  }

  async #run(pool: Pool<MysqlConnection>): Promise<void> {
    this.#isRunning = true;
    const options = { label: 'cryo:kill', priority: 'high', timeoutMs: PATIENCE_MS } as const;
    try {
      while (this.#orphans.length > 0) await pool.use((connection) => this.#endAll(connection), options);
    } catch {
      // The pool is closed, or has no connection to give.
      this.#orphans.length = 0;
    } finally {
      this.#isRunning = false;
    }
  }

  async #endAll(connection: MysqlConnection): Promise<void> {
    while (this.#orphans.length > 0) {
      for (const id of await stillThere(connection, this.#orphans.splice(0))) await connection.query(`KILL ${id}`);
    }
  }
}

async function stillThere(connection: MysqlConnection, orphans: readonly Orphan[]): Promise<readonly number[]> {
  const each = orphans.map(({ id, port }) => `id = ${id} AND host LIKE '%:${port}'`);
  const sql = `SELECT id FROM information_schema.processlist WHERE ${each.join(' OR ')}`;
  const [rows] = await connection.query({ sql, rowsAsArray: true, nestTables: false, typeCast: true });
  return (rows as (readonly unknown[])[]).map(([id]) => Number(id));
}
