/**
 * Owns the HTTP face of the compounds: search with paging, and one by its number.
 * It must never know SQL.
 */
import type { FastifyInstance } from 'fastify';
import { COMPOUND_KINDS } from '../data/compounds.ts';
import type { Database } from '../data/database.ts';
import { type CompoundFilter, compoundById, findCompounds } from '../data/queries.ts';
import { ID_PATH, integers, orNotFound, untilCallerLeaves } from '../http/requests.ts';

const SEARCH = {
  type: 'object',
  properties: {
    q: { type: 'string', maxLength: 100, pattern: '^[^\\u0000]*$' },
    kind: { enum: COMPOUND_KINDS },
    page: { type: 'integer', minimum: 1, maximum: 100_000, default: 1 },
    pageSize: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
  additionalProperties: false,
} as const;

export function cryoprotectantRoutes(app: FastifyInstance, database: Database): void {
  app.get<{ Querystring: CompoundFilter }>(
    '/api/cryoprotectants',
    { schema: { querystring: SEARCH }, preValidation: integers('page', 'pageSize') },
    (request, reply) =>
      database.read({ label: 'cryoprotectants.find', signal: untilCallerLeaves(reply) }, (session) =>
        findCompounds(session, request.query),
      ),
  );

  app.get<{ Params: { id: number } }>(
    '/api/cryoprotectants/:id',
    { schema: { params: ID_PATH }, preValidation: integers('id') },
    async (request, reply) => {
      const errand = { label: 'cryoprotectants.get', signal: untilCallerLeaves(reply) };
      const found = await database.read(errand, (session) => compoundById(session, request.params.id));
      return orNotFound(found, 'cryoprotectant');
    },
  );
}
