/**
 * Owns what every route does with a request before its own work: numbers in a URL become numbers, a caller's leaving aborts.
 * It must never know what is asked for.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError } from './failures.ts';

/** A hook that turns the named texts of path and query into integers, so that their schemas may speak of integers. */
export function integers(...names: readonly string[]) {
  return async (request: FastifyRequest): Promise<void> => {
    for (const part of [request.params, request.query]) {
      const texts = part as Record<string, unknown>;
      for (const name of names) {
        const text = texts[name];
        if (typeof text === 'string' && /^-?\d{1,15}$/.test(text)) texts[name] = Number(text);
      }
    }
  };
}

/** Aborts when the caller hangs up before the answer is out. */
export function untilCallerLeaves(reply: FastifyReply): AbortSignal {
  const leaving = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) leaving.abort(new Error('the caller hung up'));
  });
  return leaving.signal;
}

/** The value, or a 404 that says what there is none of. */
export function orNotFound<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new RequestError(404, 'NOT_FOUND', `There is no such ${what}.`);
  return value;
}

/** The schema of a path with one row number in it. */
export const ID_PATH = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1 } },
  required: ['id'],
} as const;
