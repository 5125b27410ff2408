/**
 * Owns the end, on the server, of statements whose connection is gone: a server notices a client that left only when it answers.
 * It must never know why nobody wanted them any more, nor end what it cannot tell for its own.
 */
import type { Pool } from '@cryo/pool-core';
import { coreOf, type MysqlConnection } from './mysql2-types.ts';

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
  readonly #pool: Pool<MysqlConnection>;
  readonly #orphans: Orphan[] = [];
  #running = false;

  constructor(pool: Pool<MysqlConnection>) {
    this.#pool = pool;
  }

  /** What the end of this connection will leave running; to be asked while it stands. */
  static orphanOf(connection: MysqlConnection): Orphan | undefined {
    const core = coreOf(connection);
    const port = core.stream.localPort;
    return port === undefined ? undefined : { id: core.threadId, port };
  }

  end(orphan: Orphan | undefined): void {
    if (orphan === undefined) return;
    this.#orphans.push(orphan);
    if (this.#running) return;
    this.#running = true;
    const options = { label: 'cryo:kill', priority: 'high', timeoutMs: PATIENCE_MS } as const;
    this.#pool
      .use((connection) => this.#endAll(connection), options)
      .catch(() => this.#orphans.splice(0))
      .finally(() => {
        this.#running = false;
      });
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
