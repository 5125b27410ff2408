/**
 * Owns the assembly of the HTTP service: which routes there are, how requests are checked, how failures are answered.
 * It must never know the pool, nor who sends requests.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Database } from '../data/database.ts';
import { cryoprotectantRoutes } from '../routes/cryoprotectants.ts';
import { experimentRoutes } from '../routes/experiments.ts';
import { mixtureRoutes } from '../routes/mixtures.ts';
import { operationRoutes, type Status } from '../routes/operations.ts';
import { answerFailure } from './failures.ts';

const BODY_LIMIT_BYTES = 16_384;

/**
 * Makes the service; it does not listen yet.
 *
 * @param mistaken told of every error that is a mistake of ours, which a caller learns nothing about
 */
export function createServer(database: Database, status: Status, mistaken: (error: unknown) => void): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // A body is taken as it was sent: no text becomes a number, no unknown field is dropped, every fault is told.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true } },
  });
  app.setErrorHandler((error, _request, reply) => answerFailure(error, reply, mistaken));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { code: 'NOT_FOUND', message: 'There is nothing at this address.' } }),
  );
  cryoprotectantRoutes(app, database);
  mixtureRoutes(app, database);
  experimentRoutes(app, database);
  operationRoutes(app, status);
  return app;
}
