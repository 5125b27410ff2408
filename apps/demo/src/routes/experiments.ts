/**
 * Owns the HTTP face of the experiments: recording one, checked field by field, and reading it back.
 * It must never know SQL.
 */
import type { FastifyInstance } from 'fastify';
import type { Database } from '../data/database.ts';
import { experimentById, mixtureExists } from '../data/queries.ts';
import { addExperiment, type NewExperiment } from '../data/record.ts';
import { RequestError } from '../http/failures.ts';
import { ID_PATH, integers, orNotFound, untilCallerLeaves } from '../http/requests.ts';

const TEXT = { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^\\u0000]*\\S[^\\u0000]*$' } as const;

const READING = {
  type: 'object',
  properties: {
    hoursAfterThaw: { type: 'number', minimum: 0, maximum: 10_000 },
    viabilityPercent: { type: 'number', minimum: 0, maximum: 100 },
  },
  required: ['hoursAfterThaw', 'viabilityPercent'],
  additionalProperties: false,
} as const;

const EXPERIMENT = {
  type: 'object',
  properties: {
    mixtureId: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    specimen: TEXT,
    coolingRateCelsiusPerMinute: { type: 'number', exclusiveMinimum: 0, maximum: 1_000_000 },
    warmingRateCelsiusPerMinute: { type: 'number', exclusiveMinimum: 0, maximum: 1_000_000_000 },
    storageTemperatureCelsius: { type: 'number', minimum: -273.15, maximum: 25 },
    operator: TEXT,
    readings: { type: 'array', items: READING, minItems: 1, maxItems: 24 },
  },
  required: [
    'mixtureId',
    'specimen',
    'coolingRateCelsiusPerMinute',
    'warmingRateCelsiusPerMinute',
    'storageTemperatureCelsius',
    'operator',
    'readings',
  ],
  additionalProperties: false,
} as const;

export function experimentRoutes(app: FastifyInstance, database: Database): void {
  app.post<{ Body: NewExperiment }>('/api/experiments', { schema: { body: EXPERIMENT } }, async (request, reply) => {
    const experiment = request.body;
    refuseRepeatedHours(experiment);
    const recordedAt = new Date().toISOString();
    const errand = { label: 'experiments.record', signal: untilCallerLeaves(reply) };
    const id = await database.write(errand, async (session) =>
      (await mixtureExists(session, experiment.mixtureId)) ? addExperiment(session, experiment, recordedAt) : undefined,
    );
    if (id === undefined) throw new RequestError(400, 'UNKNOWN_MIXTURE', 'mixtureId names no mixture', 'mixtureId');
    return reply
      .code(201)
      .header('location', `/api/experiments/${id}`)
      .send({ id, ...experiment, recordedAt });
  });

  app.get<{ Params: { id: number } }>(
    '/api/experiments/:id',
    { schema: { params: ID_PATH }, preValidation: integers('id') },
    async (request, reply) => {
      const errand = { label: 'experiments.get', signal: untilCallerLeaves(reply) };
      const found = await database.read(errand, (session) => experimentById(session, request.params.id));
      return orNotFound(found, 'experiment');
    },
  );
}

/** A sample has one viability at one hour; a second reading of the same hour would be lost. */
function refuseRepeatedHours({ readings }: NewExperiment): void {
  const seen = new Set<number>();
  for (const [index, { hoursAfterThaw }] of readings.entries()) {
    const field = `readings[${index}].hoursAfterThaw`;
    if (seen.has(hoursAfterThaw))
      throw new RequestError(400, 'INVALID_REQUEST', `${field} repeats an earlier reading`, field);
    seen.add(hoursAfterThaw);
  }
}
