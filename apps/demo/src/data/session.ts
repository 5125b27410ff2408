/**
 * Owns how work talks to one leased connection: SQL in, rows out, statements compiled once.
 * It must never know which work, nor how the connection was come by.
 */

/** What we use of a better-sqlite3 handle. */
export interface Handle {
  prepare(sql: string): Statement;
}

interface Statement {
  all(parameters: Parameters): unknown[];
  get(parameters: Parameters): unknown;
  run(parameters: Parameters): { readonly lastInsertRowid: number | bigint };
}

/** Values by name: `{ id: 1 }` fills `:id`. */
export type Parameters = Readonly<Record<string, string | number | null>>;

/** One leased connection, for the length of one piece of work. A row is what its statement selects. */
export interface Session {
  all<Row>(sql: string, parameters?: Parameters): Row[];
  get<Row>(sql: string, parameters?: Parameters): Row | undefined;
  /** Answers the row number of the last insert. */
  run(sql: string, parameters?: Parameters): number;
}

const compiled = new WeakMap<Handle, Map<string, Statement>>();

/** The session of a connection. Its statements are compiled once and live as long as the connection. */
export function sessionOf(handle: Handle): Session {
  return {
    all: <Row>(sql: string, parameters: Parameters = {}) => statement(handle, sql).all(parameters) as Row[],
    get: <Row>(sql: string, parameters: Parameters = {}) => statement(handle, sql).get(parameters) as Row | undefined,
    run: (sql, parameters = {}) => Number(statement(handle, sql).run(parameters).lastInsertRowid),
  };
}

function statement(handle: Handle, sql: string): Statement {
  let statements = compiled.get(handle);
  if (statements === undefined) {
    statements = new Map();
    compiled.set(handle, statements);
  }
  let found = statements.get(sql);
  if (found === undefined) {
    found = handle.prepare(sql);
    statements.set(sql, found);
  }
  return found;
}
