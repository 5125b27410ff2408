/**
 * Owns the types of the module `better-sqlite3`, which ships none, so that this package compiles without `@types`.
 * It must never know more of the library than is called here.
 */
declare module 'better-sqlite3' {
  interface OpenOptions {
    readonly readonly?: boolean;
    readonly fileMustExist?: boolean;
    /** How long SQLite waits for a lock, in ms. */
    readonly timeout?: number;
  }

  const Database: new (file: string, options?: OpenOptions) => import('./src/sqlite-types.ts').SqliteConnection;
  export default Database;
}
