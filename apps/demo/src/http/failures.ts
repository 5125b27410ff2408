/**
 * Owns what a caller is told when something failed: the status, a stable code and a calm sentence, never the internals.
 * It must never decide whether to try again.
 */
import { isCryoError } from '@cryo/resilience';
import type { FastifyError, FastifyReply, FastifySchemaValidationError } from 'fastify';
import { WireFault } from '../wire/wire.ts';

/** A request that can't be carried out as it stands. `field` says which part of it is meant. */
export class RequestError extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(statusCode: number, code: string, message: string, field?: string) {
    super(message);
    this.name = 'RequestError';
    this.statusCode = statusCode;
    this.code = code;
    this.field = field;
  }
}

const BUSY = 'The database is busy; please try again in a moment.';
const AWAY = 'The database cannot be reached at the moment.';

/** What each way in which the pool may fail a request looks like from outside. */
const POOL_FAILURES: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  ACQUIRE_TIMEOUT: { status: 504, message: 'The database had no connection to spare in time.' },
  QUEUE_FULL: { status: 503, message: BUSY },
  ACQUIRE_SHED: { status: 503, message: BUSY },
  ACQUIRE_ABORTED: { status: 503, message: 'The request was given up.' },
  POOL_CLOSED: { status: 503, message: 'The service is shutting down.' },
  SERVER_UNAVAILABLE: { status: 503, message: AWAY },
  MISCONFIGURED: { status: 503, message: AWAY },
  CONNECTION_LOST: { status: 503, message: 'The connection to the database was lost on the way.' },
  DRIVER_TIMEOUT: { status: 503, message: AWAY },
  CONNECTION_ENDED: { status: 503, message: 'The connection to the database was lost on the way.' },
  COMMIT_OUTCOME_UNKNOWN: { status: 503, message: 'Whether the change was kept is not known.' },
  SQLITE_BUSY: { status: 503, message: BUSY },
};

/** The codes with which a request may fail while the database is in trouble. */
export const POOL_FAILURE_CODES: ReadonlySet<string> = new Set(Object.keys(POOL_FAILURES));

/** Answers any error of any route. What is none of these kinds is a mistake of ours. */
export function answerFailure(error: unknown, reply: FastifyReply, mistaken: (error: unknown) => void): FastifyReply {
  if (error instanceof RequestError) {
    const { code, message, field, statusCode } = error;
    return reply.code(statusCode).send({ error: { code, message, ...(field !== undefined && { field }) } });
  }
  const code = poolCodeOf(error);
  const failure = code === undefined ? undefined : POOL_FAILURES[code];
  if (failure !== undefined) {
    const seconds = retryAfterSeconds(error);
    if (seconds !== undefined) reply.header('retry-after', seconds);
    return reply.code(failure.status).send({ error: { code, message: failure.message } });
  }
  if (isRequestFault(error)) return answerRequestFault(error, reply);
  mistaken(error);
  return reply
    .code(500)
    .send({ error: { code: 'INTERNAL', message: 'Something went wrong here; the request was not carried out.' } });
}

/** The code of a failure that is the database's trouble; another process on the same file is SQLite's own way to be busy. */
function poolCodeOf(error: unknown): string | undefined {
  if (isCryoError(error) || error instanceof WireFault) return error.code;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code.startsWith('SQLITE_BUSY') ? 'SQLITE_BUSY' : undefined;
}

/** Whole seconds, at least one, as the header wants them; `undefined` when the error knows none. */
function retryAfterSeconds(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return undefined;
  const { retryAfterMs } = error;
  return typeof retryAfterMs === 'number' ? Math.max(1, Math.ceil(retryAfterMs / 1_000)) : undefined;
}

/** A body that can't be read at all, by the status that says so. */
const BODY_FAULTS: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_BODY'],
  [413, 'BODY_TOO_LARGE'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
]);

/** What Fastify itself found wrong with a request: its schema, its JSON, its size. */
function isRequestFault(error: unknown): error is FastifyError {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
}

function answerRequestFault(error: FastifyError, reply: FastifyReply): FastifyReply {
  const faults = (error.validation ?? []).map(describeFault);
  const [first] = faults;
  if (first === undefined) {
    const status = error.statusCode ?? 400;
    const code = BODY_FAULTS.get(status);
    if (code === undefined)
      return reply.code(status).send({ error: { code: 'INVALID_REQUEST', message: error.message } });
    return reply.code(status).send({ error: { code, message: error.message, field: 'body' } });
  }
  const message = faults.map((fault) => `${fault.field} ${fault.message}`).join('; ');
  return reply.code(400).send({ error: { code: 'INVALID_REQUEST', message, field: first.field, faults } });
}

/** Names the field as the caller wrote it: `readings[0].viabilityPercent`. */
function describeFault(fault: FastifySchemaValidationError): { field: string; message: string } {
  const path = fault.instancePath
    .slice(1)
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
  const within = (name: unknown) => (path === '' ? String(name) : `${path}.${name}`);
  if (fault.keyword === 'required') return { field: within(fault.params.missingProperty), message: 'is required' };
  if (fault.keyword === 'additionalProperties') {
    return { field: within(fault.params.additionalProperty), message: 'is not a known field' };
  }
  if (fault.keyword === 'enum') {
    return { field: path, message: `must be one of ${(fault.params.allowedValues as readonly unknown[]).join(', ')}` };
  }
  return { field: path === '' ? 'body' : path, message: fault.message ?? 'is not valid' };
}
