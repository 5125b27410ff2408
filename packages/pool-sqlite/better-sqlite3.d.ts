/**
 * Owns the types of the module `better-sqlite3`, which ships none, so that this package compiles without `@types`.
 * It must never know more of the library than `sqlite-types.ts` says.
 */
declare module 'better-sqlite3' {
  const Database: import('./src/sqlite-types.ts').SqliteLibrary;
  export default Database;
}
