/**
 * Owns what an error of PostgreSQL, of pg or of the socket means for a connection: the error table, each row with its source.
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
import {
  CommitRefusedError,
  ConfigurationRefusedError,
  ConnectionEndedError,
  HungUpError,
  NotPostgresError,
  TargetMismatchError,
  TlsRefusedError,
  UnreadableAnswerError,
} from './pg-errors.ts';
import type { PgTarget } from './pg-types.ts';

/** While opening, nobody depends on the connection yet; a live one may have a caller, who keeps it if it is sound. */
type Stage = 'open' | 'live';
type Row = Readonly<Record<Stage, ErrorClass | undefined>>;

const LOST: Row = { open: 'server-unavailable', live: 'connection-lost' };
const REFUSED: Row = { open: 'misconfigured', live: 'statement' };
const CONFLICT: Row = { open: 'server-unavailable', live: 'conflict' };
const FULL: Row = { open: 'overloaded', live: 'statement' };
/** The session is sound, and of no use to the client any more. */
const STALE: Row = { open: 'misconfigured', live: 'connection-lost' };
/** What only a dial can meet: live, it is about something else that the caller did. */
const UNREACHED: Row = { open: 'server-unavailable', live: undefined };

/** By SQLSTATE, a code before its class: PostgreSQL 18, appendix A (https://www.postgresql.org/docs/18/errcodes-appendix.html). */
const SQLSTATES: Readonly<Record<string, Row>> = {
  // Class 08, connection exception: 08000, 08001, 08003, 08004, 08006, 08007 (outcome unknown), 08P01; poolers use them too.
  '08': LOST,
  // Class 25, invalid transaction state: the server ends the session after these two, with FATAL.
  '25P03': LOST,
  '25P04': LOST,
  // 26000, no such prepared statement, and 42P05, there is one already: the session's are not those that the client counts on, as
  // after DEALLOCATE or behind a pooler; each later use of that name would fail too.
  '26000': STALE,
  '42P05': STALE,
  // Class 28, invalid authorization: 28000 (pg_hba.conf), 28P01 (password). Live, it answers the caller's SET ROLE.
  '28': REFUSED,
  // Class 3D, invalid catalog name: no such database. Live, it answers the caller's own DDL.
  '3D': REFUSED,
  // Class 40, transaction rollback: 40001 serialization failure, 40P01 deadlock; 40003 says nothing of the outcome.
  '40001': CONFLICT,
  '40P01': CONFLICT,
  '40003': LOST,
  // Class 53, insufficient resources: 53300 too many connections (of the server, database or role), 53200 out of memory.
  '53300': FULL,
  '53200': FULL,
  '53': { open: 'server-unavailable', live: 'statement' },
  // Class 57, operator intervention: 57014 cancelled; opening, the server's own limit for authentication.
  '57014': { open: 'server-unavailable', live: 'statement' },
  // 57P01 shut down, 57P02 crash of another backend, 57P03 cannot connect now, 57P05 idle session timeout.
  '57P01': LOST,
  '57P02': LOST,
  '57P03': LOST,
  '57P04': { open: 'misconfigured', live: 'connection-lost' },
  '57P05': LOST,
  // Class 58, system error, F0, configuration file error, XX, internal error: the server's trouble, whoever asks.
  '58': { open: 'server-unavailable', live: 'statement' },
  F0: { open: 'server-unavailable', live: 'statement' },
  XX: { open: 'server-unavailable', live: 'statement' },
};

/**
 * 0A000, feature not supported, of this function of the server: a prepared statement whose table has changed since fails for
 * ever in this session (RevalidateCachedQuery in https://git.postgresql.org/cgit/postgresql.git/tree/src/backend/utils/cache/plancache.c).
 */
const OUTGROWN = { code: '0A000', routine: 'RevalidateCachedQuery' };

/** 25006, read-only transaction: on a pool that wants a primary, the server was demoted. */
const READ_ONLY = '25006';

/** By the code of Node's sockets and resolver (https://nodejs.org/api/errors.html#common-system-errors). */
const SYSTEM_CODES: Readonly<Record<string, Row>> = {
  ECONNREFUSED: UNREACHED,
  ECONNRESET: LOST,
  ECONNABORTED: LOST,
  EPIPE: LOST,
  ENOTCONN: LOST,
  ETIMEDOUT: LOST,
  EHOSTUNREACH: LOST,
  EHOSTDOWN: LOST,
  ENETUNREACH: LOST,
  ENETDOWN: LOST,
  EADDRNOTAVAIL: UNREACHED,
  EAI_AGAIN: UNREACHED,
  ENOTFOUND: UNREACHED,
  // The Unix socket is not there while the server isn't; without permission for it no retry helps.
  ENOENT: UNREACHED,
  EACCES: { open: 'misconfigured', live: undefined },
  // This process has no file handle left for one more socket.
  EMFILE: { open: 'overloaded', live: undefined },
  ENFILE: { open: 'overloaded', live: undefined },
  EPROTO: { open: 'misconfigured', live: 'connection-lost' },
  ERR_SOCKET_CLOSED: LOST,
  ERR_SOCKET_CONNECTION_TIMEOUT: UNREACHED,
  ERR_STREAM_DESTROYED: LOST,
  ERR_STREAM_WRITE_AFTER_END: LOST,
};

/** Certificates that don't pass (https://nodejs.org/api/tls.html#x509-certificate-error-codes), and OpenSSL's own complaints. */
const TLS_CODE =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_)/;

/** pg's own words, where it gives no code. */
const PG_MESSAGES: readonly (readonly [RegExp, Row])[] = [
  [/^Connection terminated/, LOST],
  [/ is not queryable$/, LOST],
  [/^Query read timeout$/, LOST],
  [/^timeout expired$/, LOST],
  [/^received invalid response/, LOST],
  [/^Received unexpected \w+ message from backend/, LOST],
  [/^(?:SASL|SCRAM)\b/, { open: 'misconfigured', live: 'connection-lost' }],
  [/^Password must be a string$/, { open: 'misconfigured', live: 'statement' }],
];

const OWN: readonly (readonly [abstract new (...given: never[]) => Error, Row])[] = [
  [NotPostgresError, { open: 'misconfigured', live: 'connection-lost' }],
  [UnreadableAnswerError, { open: 'misconfigured', live: 'connection-lost' }],
  [ConfigurationRefusedError, { open: 'misconfigured', live: 'statement' }],
  [TlsRefusedError, { open: 'misconfigured', live: 'connection-lost' }],
  [HungUpError, LOST],
  [TargetMismatchError, LOST],
  [HostTimeoutError, LOST],
  [UnexpectedAnswerError, { open: 'misconfigured', live: 'connection-lost' }],
  [ConnectionEndedError, LOST],
  [CommitRefusedError, { open: 'misconfigured', live: 'statement' }],
];

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** What is left of a session after these is nothing. The server may say them in its own language, so codes come first. */
const DEADLY = new Set(['FATAL', 'PANIC']);

/** The class of an error, for `Driver.classify`; `undefined` where this adapter has no opinion. */
export function classifyPgError(error: unknown, phase: DriverPhase, target: PgTarget = 'any'): ErrorClass | undefined {
  try {
    return judge(error, phase === 'open' ? 'open' : 'live', target);
  } catch {
    return undefined;
  }
}

function judge(error: unknown, stage: Stage, target: PgTarget): ErrorClass | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AllHostsFailedError) return judgeAll(error.errors, target);
  if (error instanceof SetupFailedError) return judge(error.cause, 'open', target) ?? 'misconfigured';
  const own = OWN.find(([kind]) => error instanceof kind);
  if (own !== undefined) return own[1][stage];
  const { code, severity, routine } = error as Partial<Record<'code' | 'severity' | 'routine', unknown>>;
  if (typeof code === 'string') {
    if (SQLSTATE.test(code) && typeof severity === 'string')
      return judgeAnswer(code, severity, { stage, target, routine });
    if (TLS_CODE.test(code)) return stage === 'open' ? 'misconfigured' : 'connection-lost';
    const row = SYSTEM_CODES[code];
    if (row !== undefined) return row[stage];
  }
  return PG_MESSAGES.find(([words]) => words.test(error.message))?.[1][stage];
}

interface Asked {
  /** The function of the server that said it. */
  readonly routine: unknown;
  readonly stage: Stage;
  readonly target: PgTarget;
}

/** An answer of the server: what is not listed was the fault of the statement, and an open runs only ours. */
function judgeAnswer(code: string, severity: string, { stage, target, routine }: Asked): ErrorClass | undefined {
  const row = SQLSTATES[code] ?? SQLSTATES[code.slice(0, 2)];
  if (stage === 'live' && DEADLY.has(severity)) return 'connection-lost';
  if (code === OUTGROWN.code && routine === OUTGROWN.routine) return STALE[stage];
  if (code === READ_ONLY && target === 'primary') return LOST[stage];
  return (row ?? REFUSED)[stage];
}

/** Of several hosts one that may yet come back is worth a retry, whatever is wrong with the others. */
function judgeAll(errors: readonly unknown[], target: PgTarget): ErrorClass {
  const classes = errors.map((error) => judge(error, 'open', target) ?? 'server-unavailable');
  return classes.find((one) => one !== 'misconfigured') ?? 'misconfigured';
}
