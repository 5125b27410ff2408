/**
 * Owns the SQL that reads the service's data, and the shape in which each answer leaves.
 * It must never know HTTP, nor which connection it runs on.
 */
import type { Session } from './session.ts';

export interface CompoundFilter {
  /** Sought in name, other names, formula and CAS number. */
  readonly q?: string;
  readonly kind?: string;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

const COMPOUND = 'id, name, also_known_as AS "alsoKnownAs", formula, molar_mass AS "molarMass", cas, kind';

/** No kind is any kind; no text is found in every name. */
const MATCHES = `kind = COALESCE(:kind, kind) AND (lower(name) LIKE :pattern ESCAPE '!'
  OR lower(also_known_as) LIKE :pattern ESCAPE '!' OR lower(formula) LIKE :pattern ESCAPE '!' OR lower(cas) LIKE :pattern ESCAPE '!')`;

export async function findCompounds(session: Session, filter: CompoundFilter) {
  const { page, pageSize } = filter;
  const matching = { kind: filter.kind ?? null, pattern: patternOf(filter.q) };
  const total = await session.get<{ total: number }>(
    `SELECT count(*) AS total FROM cryoprotectants WHERE ${MATCHES}`,
    matching,
  );
  const items = await session.all(
    `SELECT ${COMPOUND} FROM cryoprotectants WHERE ${MATCHES} ORDER BY name LIMIT :limit OFFSET :offset`,
    { ...matching, limit: pageSize, offset: (page - 1) * pageSize },
  );
  return { items, page, pageSize, total: total?.total ?? 0 };
}

/** The pattern for LIKE, on text in small letters, that finds the text itself, whatever it holds. */
function patternOf(text = ''): string {
  return `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`;
}

export async function compoundById(session: Session, id: number): Promise<object | undefined> {
  const compound = await session.get<object>(`SELECT ${COMPOUND} FROM cryoprotectants WHERE id = :id`, { id });
  if (compound === undefined) return undefined;
  const mixtures = await session.all(
    `SELECT mixtures.id, mixtures.name FROM ingredients JOIN mixtures ON mixtures.id = mixture_id
     WHERE cryoprotectant_id = :id ORDER BY mixtures.name`,
    { id },
  );
  return { ...compound, mixtures };
}

export async function allMixtures(session: Session) {
  const items = await session.all<object>(
    `SELECT mixtures.id, name, purpose, source, count(*) AS ingredients
     FROM mixtures JOIN ingredients ON mixture_id = mixtures.id GROUP BY mixtures.id ORDER BY mixtures.id`,
  );
  return { items, total: items.length };
}

export async function mixtureById(session: Session, id: number): Promise<object | undefined> {
  const mixture = await session.get<object>('SELECT id, name, purpose, source FROM mixtures WHERE id = :id', { id });
  if (mixture === undefined) return undefined;
  const ingredients = await session.all(
    `SELECT cryoprotectants.id AS "cryoprotectantId", name, amount, unit, grade
     FROM ingredients JOIN cryoprotectants ON cryoprotectants.id = cryoprotectant_id
     WHERE mixture_id = :id ORDER BY amount DESC`,
    { id },
  );
  return { ...mixture, ingredients };
}

export async function mixtureExists(session: Session, id: number): Promise<boolean> {
  return (await session.get('SELECT 1 FROM mixtures WHERE id = :id', { id })) !== undefined;
}

export async function experimentById(session: Session, id: number): Promise<object | undefined> {
  const experiment = await session.get<object>(
    `SELECT experiments.id, mixture_id AS "mixtureId", mixtures.name AS mixture, specimen,
       cooling_rate AS "coolingRateCelsiusPerMinute", warming_rate AS "warmingRateCelsiusPerMinute",
       storage_temperature AS "storageTemperatureCelsius", operator, recorded_at AS "recordedAt"
     FROM experiments JOIN mixtures ON mixtures.id = mixture_id WHERE experiments.id = :id`,
    { id },
  );
  if (experiment === undefined) return undefined;
  const readings = await session.all(
    `SELECT hours_after_thaw AS "hoursAfterThaw", viability_percent AS "viabilityPercent"
     FROM readings WHERE experiment_id = :id ORDER BY hours_after_thaw`,
    { id },
  );
  return { ...experiment, readings };
}
