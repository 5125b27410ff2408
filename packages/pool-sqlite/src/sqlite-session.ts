/**
 * Owns what SQLite keeps for a connection from one statement to the next: reading it, and putting it back.
 * It must never know who changed it, nor when.
 */
import { SessionNotCleanError } from './sqlite-errors.ts';
import type { SqliteStatement } from './sqlite-types.ts';

/**
 * Every way in which SQL changes a session passes through one of these words; a pragma changes nothing without a value.
 * Where a word only appears, in a name or a string, a comparison too many is made, and nothing else happens.
 */
const SESSION_WORDS = /\b(?:attach|detach|temp|temporary)\b|\bpragma\b[\s\S]*[=(]/i;

/** The pragmas that stay with a connection, in the order in which they are put back (https://www.sqlite.org/pragma.html). */
const SETTINGS = [
  ...['query_only', 'locking_mode', 'journal_mode', 'busy_timeout', 'foreign_keys', 'synchronous', 'temp_store'],
  ...[
    'cache_size',
    'cache_spill',
    'mmap_size',
    'max_page_count',
    'journal_size_limit',
    'wal_autocheckpoint',
    'threads',
  ],
  ...['read_uncommitted', 'recursive_triggers', 'reverse_unordered_selects', 'automatic_index', 'analysis_limit'],
  ...['ignore_check_constraints', 'cell_size_check', 'secure_delete', 'fullfsync', 'checkpoint_fullfsync'],
  ...['trusted_schema', 'writable_schema', 'legacy_alter_table', 'full_column_names', 'short_column_names'],
  ...['count_changes', 'empty_result_callbacks'],
];

/** A handle as it is beneath whoever watches its statements. */
export interface RawHandle {
  prepare(source: string): SqliteStatement;
  exec(source: string): void;
}

/** Plain data, for comparing. */
interface SessionState {
  readonly settings: ReadonlyMap<string, unknown>;
  /** Files by the names they are attached under, the main one among them. */
  readonly databases: ReadonlyMap<string, unknown>;
  /** Temporary tables, indexes, views and triggers. */
  readonly temporary: readonly unknown[];
}

/** Prepared once: preparing takes several times as long as asking. */
interface Questions {
  readonly settings: readonly (readonly [name: string, statement: SqliteStatement])[];
  readonly databases: SqliteStatement;
  readonly temporary: SqliteStatement;
}

/** Whether a statement may change the session. */
export function touchesSession(source: string): boolean {
  return SESSION_WORDS.test(source);
}

/** The session of one connection: {@link Session.keep} before a change, {@link Session.restore} when it has to be gone. */
export class Session {
  readonly #raw: RawHandle;
  #questions: Questions | undefined;
  #kept: SessionState | undefined;

  constructor(raw: RawHandle) {
    this.#raw = raw;
  }

  /** Remembers the session as it is, unless an earlier state is remembered. */
  keep(): void {
    this.#kept ??= this.#read();
  }

  /**
   * Puts back what has changed since {@link Session.keep}.
   *
   * @throws SessionNotCleanError where SQLite won't
   */
  restore(): void {
    const kept = this.#kept;
    if (kept === undefined) return;
    const now = this.#read();
    for (const name of now.databases.keys()) if (!kept.databases.has(name)) this.#raw.exec(`DETACH ${quoted(name)}`);
    if (kept.temporary.length === 0 && now.temporary.length > 0) this.#dropTemporary(now.settings.get('temp_store'));
    for (const [name, value] of kept.settings) if (now.settings.get(name) !== value) this.#put(name, value);
    const remains = differences(kept, this.#read());
    if (remains.length > 0) throw new SessionNotCleanError(remains);
    this.#kept = undefined;
  }

  /** SQLite deletes all temporary objects when it is told to keep them elsewhere; {@link SETTINGS} puts the place back. */
  #dropTemporary(place: unknown): void {
    this.#raw.exec(`PRAGMA temp_store = ${place === 1 ? 2 : 1}; PRAGMA temp_store = ${place}`);
  }

  #put(name: string, value: unknown): void {
    this.#raw.exec(`PRAGMA ${name} = ${value}`);
    // An exclusive lock is let go by the first statement that needs none.
    if (name === 'locking_mode') this.#raw.exec('SELECT 1 FROM main.sqlite_schema LIMIT 1');
  }

  #read(): SessionState {
    this.#questions ??= questionsFor(this.#raw);
    const { settings, databases, temporary } = this.#questions;
    return {
      settings: new Map(settings.map(([name, statement]) => [name, statement.get()])),
      databases: new Map(databases.all() as [string, unknown][]),
      temporary: temporary.all(),
    };
  }
}

/** A pragma that this build of SQLite does not know returns no rows. */
function questionsFor(raw: RawHandle): Questions {
  const settings = SETTINGS.map((name) => [name, raw.prepare(`PRAGMA ${name}`)] as const);
  return {
    settings: settings
      .filter(([, { reader }]) => reader)
      .map(([name, each]) => [name, each.pluck().safeIntegers(false)]),
    databases: raw.prepare("SELECT name, file FROM pragma_database_list WHERE name <> 'temp'").raw(),
    temporary: raw.prepare("SELECT type || ' ' || name FROM temp.sqlite_schema ORDER BY 1").pluck(),
  };
}

function differences(kept: SessionState, now: SessionState): readonly string[] {
  const remains: string[] = [];
  for (const [name, value] of kept.settings) {
    if (now.settings.get(name) !== value) remains.push(`${name} = ${now.settings.get(name)} (it was ${value})`);
  }
  for (const name of new Set([...kept.databases.keys(), ...now.databases.keys()])) {
    if (kept.databases.get(name) !== now.databases.get(name)) remains.push(`another database '${name}'`);
  }
  if (kept.temporary.join() !== now.temporary.join()) remains.push('other temporary objects');
  return remains;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
