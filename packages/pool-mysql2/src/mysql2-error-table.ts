/**
 * Owns what an error of MySQL, of mysql2 or of the socket means for a connection: the error table, each row with its source.
 * It must never know which statement failed, nor act on an error.
 */
import {
  AllHostsFailedError,
  type DriverPhase,
  type ErrorClass,
  HostTimeoutError,
  SetupFailedError,
  UnexpectedAnswerError,
} from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import {
  CommitRefusedError,
  ConnectionEndedError,
  NotMysqlError,
  SessionNotCleanError,
  StatementAbortedError,
  TargetMismatchError,
  TlsFailedError,
  TlsRefusedError,
  TransactionLostError,
} from './mysql2-errors.ts';
import type { MysqlTarget } from './mysql2-types.ts';

/** While opening, nobody depends on the connection yet; a live one may have a caller, who keeps it if it is sound. */
type Stage = 'open' | 'live';
type Row = Readonly<Record<Stage, ErrorClass | undefined>>;

const LOST: Row = { open: 'server-unavailable', live: 'connection-lost' };
const REFUSED: Row = { open: 'misconfigured', live: 'statement' };
const CONFLICT: Row = { open: 'server-unavailable', live: 'conflict' };
const FULL: Row = { open: 'overloaded', live: 'statement' };
/** What only a dial can meet: live, it is about something else that the caller did, a file or a service of his. */
const UNREACHED: Row = { open: 'server-unavailable', live: undefined };
const STATEMENT: Row = { open: 'server-unavailable', live: 'statement' };

/**
 * By number. MySQL: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html (below 2000 and from 3000) and
 * client-error-reference.html there (2000 to 2999); MariaDB: https://mariadb.com/docs/server/reference/error-codes.
 */
const NUMBERS: Readonly<Record<number, Row>> = {
  // ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED: no place for one more connection.
  1040: FULL,
  1203: FULL,
  1226: FULL,
  // ER_OUT_OF_RESOURCES, ER_CANT_CREATE_THREAD: the server's machine has none left.
  1041: FULL,
  1135: FULL,
  // ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_BAD_DB_ERROR. Live, they answer the caller's own statement.
  1044: REFUSED,
  1045: REFUSED,
  1049: REFUSED,
  // ER_HOST_IS_BLOCKED (until FLUSH HOSTS), ER_HOST_NOT_PRIVILEGED: this machine may not connect.
  1129: REFUSED,
  1130: REFUSED,
  // ER_NOT_SUPPORTED_AUTH_MODE, ER_PLUGIN_IS_NOT_LOADED, ER_ACCESS_DENIED_NO_PASSWORD_ERROR.
  1251: REFUSED,
  1524: REFUSED,
  1698: REFUSED,
  // ER_MUST_CHANGE_PASSWORD, ER_MUST_CHANGE_PASSWORD_LOGIN, ER_ACCOUNT_HAS_BEEN_LOCKED (MySQL, MariaDB), its password lock.
  1820: REFUSED,
  1862: REFUSED,
  3118: REFUSED,
  4151: REFUSED,
  3955: REFUSED,
  // ER_SECURE_TRANSPORT_REQUIRED: the server wants TLS.
  3159: REFUSED,
  // ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_XA_RBTIMEOUT, ER_XA_RBDEADLOCK.
  1205: CONFLICT,
  1213: CONFLICT,
  1613: CONFLICT,
  1614: CONFLICT,
  // ER_CHECKREAD: MariaDB under innodb_snapshot_isolation; ER_TRANSACTION_ROLLBACK_DURING_COMMIT: group replication.
  1020: CONFLICT,
  3101: CONFLICT,
  // ER_UNKNOWN_COM_ERROR: what a Galera node says that is not part of its cluster.
  1047: LOST,
  // ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_SHUTDOWN_COMPLETE, ER_ABORTING_CONNECTION, ER_NEW_ABORTING_CONNECTION.
  1053: LOST,
  1077: LOST,
  1079: LOST,
  1152: LOST,
  1184: LOST,
  // ER_NET_PACKET_TOO_LARGE and the other ER_NET errors: the server hangs up after each.
  ...rows([1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161], LOST),
  // ER_CONNECTION_KILLED (MariaDB), ER_SESSION_WAS_KILLED, ER_CLIENT_INTERACTION_TIMEOUT (idle for wait_timeout).
  1927: LOST,
  3169: LOST,
  4031: LOST,
  // CR_SERVER_GONE_ERROR, CR_SERVER_LOST, CR_SERVER_LOST_EXTENDED: proxies pass them on.
  2006: LOST,
  2013: LOST,
  2055: LOST,
  // ER_READ_ONLY_MODE, ER_INNODB_READ_ONLY: the server was demoted; so ER_OPTION_PREVENTS_STATEMENT, where it speaks of read-only.
  1836: LOST,
  1874: LOST,
  // ER_SERVER_OFFLINE_MODE: it sends everybody away.
  3032: LOST,
  // ER_QUERY_INTERRUPTED, ER_QUERY_TIMEOUT: KILL QUERY and max_execution_time end the statement alone.
  1317: STATEMENT,
  3024: STATEMENT,
};

const OPTION_PREVENTS_STATEMENT = 1290;
const READ_ONLY_TRANSACTION = 1792;

/** By code: the socket's (Node), then mysql2's own, which its connection ends with (lib/base/connection.js, lib/commands). */
const CODES: Readonly<Record<string, Row>> = {
  ECONNREFUSED: UNREACHED,
  ECONNRESET: LOST,
  ECONNABORTED: LOST,
  EPIPE: LOST,
  ETIMEDOUT: LOST,
  EHOSTUNREACH: LOST,
  ENETUNREACH: LOST,
  ENETDOWN: LOST,
  EHOSTDOWN: LOST,
  EADDRNOTAVAIL: UNREACHED,
  ENOTFOUND: UNREACHED,
  EAI_AGAIN: UNREACHED,
  ERR_STREAM_DESTROYED: LOST,
  // The socket file is not there, or not for us.
  ENOENT: UNREACHED,
  EACCES: { open: 'misconfigured', live: undefined },
  // This process has no file handle left for one more socket.
  EMFILE: { open: 'overloaded', live: undefined },
  ENFILE: { open: 'overloaded', live: undefined },
  PROTOCOL_CONNECTION_LOST: LOST,
  PROTOCOL_ERROR: LOST,
  PROTOCOL_UNEXPECTED_PACKET: LOST,
  // mysql2's `timeout` of a query: the answer may still come, and would be taken for the next one's.
  PROTOCOL_SEQUENCE_TIMEOUT: LOST,
  AUTH_SWITCH_PLUGIN_ERROR: REFUSED,
  HANDSHAKE_UNKNOWN_ERROR: LOST,
};

/** The class of an error, for `Driver.classify`; `undefined` where this adapter has no opinion. */
export function classifyMysqlError(error: unknown, phase: DriverPhase, target: MysqlTarget): ErrorClass | undefined {
  try {
    return classify(error, phase, target);
  } catch {
    // Whatever can't be read was thrown by neither mysql2 nor Node.
    return undefined;
  }
}

function classify(error: unknown, phase: DriverPhase, target: MysqlTarget): ErrorClass | undefined {
  const own = classifyOwn(error, phase, target);
  if (own !== undefined) return own;
  if (!(error instanceof Error)) return undefined;
  const stage: Stage = phase === 'open' ? 'open' : 'live';
  const { errno, code, sqlState, fatal } = error as MysqlError;
  // The numbers of the system are below zero.
  if (typeof errno === 'number' && errno > 0) {
    if (isDemotion(error, target)) return LOST[stage];
    const row = NUMBERS[errno];
    if (row !== undefined) return row[stage];
  }
  const row = typeof code === 'string' ? CODES[code] : undefined;
  if (row?.[stage] !== undefined) return row[stage];
  if (fatal === true) return LOST[stage];
  return typeof sqlState === 'string' || (typeof errno === 'number' && errno > 0) ? STATEMENT[stage] : undefined;
}

/** Whether the server says that it takes no writes any more. */
export function isDemotion(error: unknown, target: MysqlTarget): boolean {
  if (!(error instanceof Error)) return false;
  const { errno } = error as MysqlError;
  if (errno === 1836 || errno === 1874) return true;
  if (errno === OPTION_PREVENTS_STATEMENT) return /read[-_]only/i.test(error.message);
  // In a transaction that the caller began READ ONLY it is the caller's own.
  return errno === READ_ONLY_TRANSACTION && target === 'primary';
}

/** What mysql2 and Node add to an error. */
interface MysqlError extends Error {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly sqlState?: unknown;
  readonly fatal?: unknown;
}

function classifyOwn(error: unknown, phase: DriverPhase, target: MysqlTarget): ErrorClass | undefined {
  if (error instanceof InvalidOptionsError) return phase === 'open' ? 'misconfigured' : undefined;
  if (error instanceof NotMysqlError || error instanceof TlsRefusedError) return 'misconfigured';
  if (error instanceof TlsFailedError) return isHangUp(error.cause) ? 'server-unavailable' : 'misconfigured';
  if (error instanceof TargetMismatchError) return phase === 'open' ? 'server-unavailable' : 'connection-lost';
  if (error instanceof HostTimeoutError) return 'server-unavailable';
  if (error instanceof AllHostsFailedError) return classifyAll(error.errors, target);
  if (error instanceof TransactionLostError) return error.committed === 'nothing' ? 'conflict' : 'statement';
  if (error instanceof CommitRefusedError) return 'statement';
  if (error instanceof SetupFailedError) return setupClass(error.cause, phase, target);
  if (error instanceof SessionNotCleanError || error instanceof ConnectionEndedError) return 'connection-lost';
  if (error instanceof StatementAbortedError || error instanceof UnexpectedAnswerError) return 'connection-lost';
  return undefined;
}

/** Of several hosts one that may yet come back is worth a retry, whatever is wrong with the others. */
function classifyAll(errors: readonly unknown[], target: MysqlTarget): ErrorClass {
  const classes = errors.map((error) => classifyMysqlError(error, 'open', target) ?? 'server-unavailable');
  return classes.find((one) => one !== 'misconfigured') ?? 'misconfigured';
}

/** A set-up that the server cut short may go well another time; one that it refused will not. */
function setupClass(cause: unknown, phase: DriverPhase, target: MysqlTarget): ErrorClass {
  const live = classifyMysqlError(cause, 'use', target) ?? classifyMysqlError(cause, 'open', target);
  if (phase !== 'open') return 'connection-lost';
  if (live === 'connection-lost' || live === 'conflict') return 'server-unavailable';
  return live === 'server-unavailable' || live === 'overloaded' ? live : 'misconfigured';
}

/** mysql2 gives everything that goes wrong with TLS one code; a socket that ended meanwhile is told by Node's own fields. */
function isHangUp(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const { syscall } = cause as { readonly syscall?: unknown };
  return typeof syscall === 'string' || /disconnected|socket hang up|Connection lost/i.test(cause.message);
}

function rows(numbers: readonly number[], row: Row): Readonly<Record<number, Row>> {
  return Object.fromEntries(numbers.map((number) => [number, row]));
}
