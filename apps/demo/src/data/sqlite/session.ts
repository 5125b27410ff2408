/**
 * Owns how a session speaks to a handle of better-sqlite3: statements compiled once, answers at once.
 * It must never know which work it serves.
 */
import type { Parameters, Session } from '../session.ts';

/** What we use of a better-sqlite3 handle. */
export interface Handle {
  prepare(sql: string): Statement;
}

interface Statement {
  all(parameters: Parameters): unknown[];
  get(parameters: Parameters): unknown;
  run(parameters: Parameters): { readonly lastInsertRowid: number | bigint };
}

const compiled = new WeakMap<Handle, Map<string, Statement>>();

/** The session of a connection. Its statements are compiled once and live as long as the connection. */
export function sqliteSession(handle: Handle): Session {
  return {
    all: async <Row>(sql: string, parameters: Parameters = {}) => statement(handle, sql).all(parameters) as Row[],
    get: async <Row>(sql: string, parameters: Parameters = {}) =>
      statement(handle, sql).get(parameters) as Row | undefined,
    insert: async (sql, parameters = {}) => Number(statement(handle, sql).run(parameters).lastInsertRowid),
    run: async (sql, parameters = {}) => void statement(handle, sql).run(parameters),
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
