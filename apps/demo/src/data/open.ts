/**
 * Owns the choice of a database: which one is opened for what was asked.
 * It must never know what differs between them.
 */
import { type PoolGroups, serverSettings } from '../cli/settings.ts';
import type { Wire } from '../wire/wire.ts';
import type { DatabaseKind, OpenDatabase } from './database.ts';
import { openServer } from './server/open.ts';
import { openSqlite } from './sqlite/open.ts';

export interface PlaceOptions {
  readonly database: DatabaseKind;
  /** Of SQLite. */
  readonly file: string;
  /** Of a server; `undefined` for one of the demo's own. */
  readonly url: string | undefined;
  readonly chaos: { readonly faults: readonly string[] } | undefined;
  readonly settings: PoolGroups;
}

/**
 * Opens the database and fills it if it is new. The drivers of the others are not even loaded.
 *
 * @throws ForeignDatabaseError, UnusableDatabaseError, InvalidOptionsError with everything closed again
 */
export async function openDatabase(options: PlaceOptions, wire: Wire): Promise<OpenDatabase> {
  const { database, file, url, chaos, settings } = options;
  if (database === 'sqlite') return openSqlite({ ...settings, file }, wire);
  const server = { url, proxied: chaos?.faults.includes('dial-failures') ?? false, settings: serverSettings(settings) };
  if (database === 'postgres') return openServer((await import('./postgres/server.ts')).postgres, server, wire);
  return openServer((await import('./mysql/server.ts')).mysql, server, wire);
}
