/**
 * Owns the running of one statement for `query`, with a few prepared statements kept per connection.
 * It must never know which pool the connection is from, nor when its lease ends.
 */
import { touchesSession } from './sqlite-session.ts';
import type { SqliteConnection, SqliteParameters, SqliteRunResult, SqliteStatement } from './sqlite-types.ts';

/** What a statement of `query` in mode `write` did. */
export interface SqliteWriteResult<Row> extends SqliteRunResult {
  /** What `RETURNING`, or a `SELECT`, answered; empty for other statements. */
  readonly rows: Row[];
}

/** Preparing costs several times what a look-up by key costs, and most programs run few statements again and again. */
const KEPT_STATEMENTS = 100;

/** What `run` would have answered, for a statement that also returns rows. */
const LAST_CHANGE = 'SELECT changes() AS changes, last_insert_rowid() AS lastInsertRowid';

const kept = new WeakMap<SqliteConnection, Map<string, SqliteStatement>>();

/** The rows that a statement answers. */
export function readRows<Row>(
  connection: SqliteConnection,
  sql: string,
  parameters: SqliteParameters | undefined,
): Row[] {
  const statement = statementFor(connection, sql);
  if (statement.reader) return statement.all(...bound(parameters)) as Row[];
  statement.run(...bound(parameters));
  return [];
}

/** What a statement changed, and the rows that it answers. */
export function runStatement<Row>(
  connection: SqliteConnection,
  sql: string,
  parameters: SqliteParameters | undefined,
): SqliteWriteResult<Row> {
  const statement = statementFor(connection, sql);
  if (!statement.reader) return { ...statement.run(...bound(parameters)), rows: [] };
  const rows = statement.all(...bound(parameters)) as Row[];
  const { changes, lastInsertRowid } = statementFor(connection, LAST_CHANGE).get() as SqliteRunResult;
  return { changes: statement.readonly ? 0 : Number(changes), lastInsertRowid, rows };
}

function bound(parameters: SqliteParameters | undefined): readonly unknown[] {
  return parameters === undefined ? [] : [parameters];
}

function statementFor(connection: SqliteConnection, sql: string): SqliteStatement {
  const statements = kept.get(connection) ?? new Map<string, SqliteStatement>();
  kept.set(connection, statements);
  const known = statements.get(sql);
  // The one used last stands last.
  if (known !== undefined) statements.delete(sql);
  const statement = known ?? connection.prepare(sql);
  if (touchesSession(sql)) return statement;
  statements.set(sql, statement);
  for (const oldest of statements.keys()) {
    if (statements.size <= KEPT_STATEMENTS) break;
    statements.delete(oldest);
  }
  return statement;
}
