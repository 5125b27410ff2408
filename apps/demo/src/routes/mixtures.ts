/**
 * Owns the HTTP face of the mixtures: all of them, and one with its ingredients.
 * It must never know SQL.
 */
import type { FastifyInstance } from 'fastify';
import type { Database } from '../data/database.ts';
import { allMixtures, mixtureById } from '../data/queries.ts';
import { ID_PATH, integers, orNotFound, untilCallerLeaves } from '../http/requests.ts';

export function mixtureRoutes(app: FastifyInstance, database: Database): void {
  app.get('/api/mixtures', (_request, reply) =>
    database.read({ label: 'mixtures.list', signal: untilCallerLeaves(reply) }, allMixtures),
  );

  app.get<{ Params: { id: number } }>(
    '/api/mixtures/:id',
    { schema: { params: ID_PATH }, preValidation: integers('id') },
    async (request, reply) => {
      const errand = { label: 'mixtures.get', signal: untilCallerLeaves(reply) };
      const found = await database.read(errand, (session) => mixtureById(session, request.params.id));
      return orNotFound(found, 'mixture');
    },
  );
}
