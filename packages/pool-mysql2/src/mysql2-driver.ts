/**
 * Owns the driver: what the pool asks of a connection, answered by a connection of mysql2.
 * It must never know the pool, nor what a caller does with a connection.
 */
import {
  AllHostsFailedError,
  type Driver,
  type FirstWords,
  type HostContext,
  Hosts,
  type ServerAddress,
  SetupFailedError,
  UnexpectedAnswerError,
  untilAborted,
} from '@cryo/pool-core';
import type { AbortSignal, Clock, Timers } from '@cryo/resilience';
import * as mysql2 from 'mysql2';
import { dial, hangUp } from './mysql2-dial.ts';
import { classifyMysqlError } from './mysql2-error-table.ts';
import { ConnectionEndedError, TargetMismatchError } from './mysql2-errors.ts';
import { mysqlFirstWords } from './mysql2-greeting.ts';
import type { MysqlReset } from './mysql2-options.ts';
import { type Session, sessionOf } from './mysql2-session.ts';
import type { MysqlCore, MysqlTarget, Way } from './mysql2-types.ts';

/** How connections are made and named; the pool and the drop-in lend different ones. */
export interface MysqlDriverOptions<Connection> {
  /** The hosts of a dial, with today's credentials. */
  ways(): readonly Way[] | Promise<readonly Way[]>;
  /** What is lent for a core. */
  lend(core: MysqlCore): Connection;
  coreOf(connection: Connection): MysqlCore;
  setUp(connection: Connection): unknown;
  secrets(): readonly string[];
  /** Told of a connection, while it stands, that is about to end without an answer that is still to come. */
  orphaned?(core: MysqlCore): void;
  readonly server: ServerAddress | undefined;
  readonly target: MysqlTarget;
  readonly resetLevel: MysqlReset;
  readonly validationQuery: string | undefined;
  /** Whether an idle connection keeps the process alive. */
  readonly idleKeepsProcess: 'never' | 'always';
  readonly clock: Clock;
  readonly timers: Timers;
}

/** A driver for one server, or for several of which one at a time is right. It connects to nothing before its first `open`. */
export function createMysqlDriver<Connection>(options: MysqlDriverOptions<Connection>): Driver<Connection> {
  const { coreOf, target, validationQuery, server } = options;
  const hosts = new Hosts(options);
  const firstWords = mysqlFirstWords(options);
  let everOpened = false;
  return {
    name: 'mysql',
    ...(server === undefined ? {} : { server }),
    async open(context) {
      const ways = await untilAborted(context.signal, () => options.ways());
      const connection = await hosts.open(ways, context, (way, within) =>
        openOne(options, way, { ...within, firstWords }),
      );
      everOpened = true;
      return connection;
    },
    async check(connection) {
      const core = coreOf(connection);
      if (target === 'primary') await confirmTarget(core, target);
      else if (validationQuery === undefined) await answer((done) => core.ping(done));
      if (validationQuery !== undefined) await confirmAnswer(core, validationQuery);
    },
    reset(connection, { signal }) {
      const session = sessionOf(coreOf(connection));
      return session === undefined || session.isClean(options.resetLevel)
        ? undefined
        : wash(options, { connection, session }, signal);
    },
    close: (connection) => sayGoodbye(coreOf(connection)),
    destroy: (connection) => hangUp(coreOf(connection)),
    watch: (connection, broken) => watch(coreOf(connection), broken),
    // A name that never could be resolved is a mistake; one that could is an outage of the name service.
    classify: (error, phase) =>
      phase === 'open' && !everOpened && isUnknownName(error)
        ? 'misconfigured'
        : classifyMysqlError(error, phase, target),
    ...(options.idleKeepsProcess === 'always' ? {} : processHold(coreOf)),
    secrets: options.secrets,
  };
}

/** Dials one host, and makes of the core what is lent; an abort ends it wherever it is. */
async function openOne<Connection>(
  options: MysqlDriverOptions<Connection>,
  way: Way,
  context: HostContext & { readonly firstWords: FirstWords },
): Promise<Connection> {
  const { signal } = context;
  const core = await dial(way.begin(), context);
  const aborted = () => hangUp(core);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    const connection = options.lend(core);
    const session = sessionOf(core);
    if (session !== undefined) session.orphaned = (orphan) => options.orphaned?.(orphan);
    await confirmTarget(core, options.target);
    await setUp(options, connection, signal);
    if (signal.aborted) throw signal.reason;
    return connection;
  } catch (error) {
    hangUp(core);
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}

function processHold<Connection>(
  coreOf: (connection: Connection) => MysqlCore,
): Pick<Driver<Connection>, 'ref' | 'unref'> {
  return {
    ref: (connection) => void coreOf(connection).stream.ref(),
    unref: (connection) => void coreOf(connection).stream.unref(),
  };
}

/** What the set-up does is part of the session that every lease begins with. */
async function setUp<Connection>(
  options: MysqlDriverOptions<Connection>,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  try {
    await untilAborted(signal, () => options.setUp(connection));
  } catch (error) {
    throw signal.aborted ? signal.reason : new SetupFailedError(error);
  }
  sessionOf(options.coreOf(connection))?.settle();
}

/** Ends a transaction; where more was left than that, the session begins anew. */
async function wash<Connection>(
  options: MysqlDriverOptions<Connection>,
  { connection, session }: { readonly connection: Connection; readonly session: Session },
  signal: AbortSignal,
): Promise<void> {
  const core = options.coreOf(connection);
  const { database } = core.config;
  session.throwIfSpoilt(options.resetLevel, database);
  // A result that nobody reads to its end would keep every later answer back.
  if (session.pending > 0) core.resume();
  if (!session.isStained(options.resetLevel)) {
    await run(core, 'ROLLBACK');
    // An answer that was still to come may have told of more.
    if (!session.isStained(options.resetLevel)) return;
  }
  await answer((done) => core.reset(done));
  const { charsetNumber, isMariadb, changedDatabase } = session;
  if (charsetNumber !== undefined) core.config.charsetNumber = charsetNumber;
  // MySQL puts back the server's own character set, MariaDB that of the handshake.
  const names = isMariadb ? undefined : setNames(charsetNumber);
  if (names !== undefined) await run(core, names);
  if (changedDatabase && database !== undefined) await run(core, `USE ${mysql2.escapeId(database, true)}`);
  session.inTransaction = false;
  await setUp(options, connection, signal);
}

function setNames(charsetNumber: number | undefined): string | undefined {
  const collations = Object.entries(mysql2.Charsets).filter(([, number]) => number === charsetNumber);
  const collation = collations.map(([name]) => name.toLowerCase()).find((name) => name.includes('_'));
  return collation === undefined ? undefined : `SET NAMES ${collation.split('_', 1)[0]} COLLATE ${collation}`;
}

/** Of MySQL `super_read_only` implies `read_only`; a reader of Aurora has `innodb_read_only` alone. */
const READ_ONLY = 'SELECT @@global.read_only, @@global.innodb_read_only';
const WRITABLE = new Set(['0', 'OFF']);

async function confirmTarget(core: MysqlCore, target: MysqlTarget): Promise<void> {
  if (target === 'any') return;
  const [row = []] = await rowsOf(core, READ_ONLY);
  if (row.length === 0 || !row.every((flag) => WRITABLE.has(String(flag)))) throw new TargetMismatchError();
}

async function confirmAnswer(core: MysqlCore, query: string): Promise<void> {
  const [[first] = []] = await rowsOf(core, query);
  if (String(first) !== '1') throw new UnexpectedAnswerError(query, first);
}

async function rowsOf(core: MysqlCore, sql: string): Promise<readonly (readonly unknown[])[]> {
  const query = { sql, rowsAsArray: true, nestTables: false, typeCast: true };
  return (await answer((done) => core.query(query, done))) as readonly (readonly unknown[])[];
}

function run(core: MysqlCore, sql: string): Promise<unknown> {
  return answer((done) => core.query(sql, done));
}

function answer(ask: (done: (error: unknown, answered?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    ask((error, answered) => {
      if (error === null || error === undefined) resolve(answered);
      else reject(error);
    });
  });
}

/** COM_QUIT, and the server hangs up. */
function sayGoodbye(core: MysqlCore): Promise<void> {
  return new Promise((resolve) => {
    if (core.stream.closed) return resolve();
    core.stream.once('close', () => resolve());
    if (core.stream.destroyed) return;
    if (core._realEnd === undefined) core.end(() => {});
    else core._realEnd(() => {});
  });
}

/** Whom to tell of a connection that is no more. */
const watched = new WeakMap<MysqlCore, (error: unknown) => void>();

function watch(core: MysqlCore, broken: (error: unknown) => void): () => void {
  const ended = () => broken(new ConnectionEndedError('The server ended the connection'));
  core.on('error', broken);
  core.on('end', ended);
  core.stream.on('close', ended);
  watched.set(core, broken);
  return () => {
    core.removeListener('error', broken);
    core.removeListener('end', ended);
    core.stream.removeListener('close', ended);
    watched.delete(core);
  };
}

/** Tells the pool at once of a connection that somebody ended who does not hold it. */
export function giveUp(core: MysqlCore): void {
  watched.get(core)?.(new ConnectionEndedError('The connection was ended by a former holder'));
}

function isUnknownName(error: unknown): boolean {
  if (error instanceof AllHostsFailedError) return error.errors.every(isUnknownName);
  try {
    return error instanceof Error && 'code' in error && error.code === 'ENOTFOUND';
  } catch {
    return false;
  }
}
