/**
 * Owns how work talks to one leased connection, whatever database is behind it: SQL and values by name in, rows out.
 * It must never know which work, nor how the connection was come by.
 */

/** Values by name: `{ id: 1 }` fills `:id`. */
export type Parameters = Readonly<Record<string, string | number | null>>;

/** One leased connection, for the length of one piece of work. A row is what its statement selects. */
export interface Session {
  all<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
  get<Row>(sql: string, parameters?: Parameters): Promise<Row | undefined>;
  /** Inserts one row into a table that numbers its rows as `id`; answers the number. */
  insert(sql: string, parameters?: Parameters): Promise<number>;
  run(sql: string, parameters?: Parameters): Promise<void>;
}
