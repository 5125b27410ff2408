/**
 * Owns the SQL that changes the service's data: a new experiment with its readings, and the first filling of a new database.
 * It must never begin or end a transaction: it runs inside one.
 */
import { COMPOUNDS } from './compounds.ts';
import { EXAMPLES, type Reading } from './experiments.ts';
import { MIXTURES } from './mixtures.ts';
import type { Session } from './session.ts';

export interface NewExperiment {
  readonly mixtureId: number;
  readonly specimen: string;
  readonly coolingRateCelsiusPerMinute: number;
  readonly warmingRateCelsiusPerMinute: number;
  readonly storageTemperatureCelsius: number;
  readonly operator: string;
  readonly readings: readonly Reading[];
}

/** What the load generator signs its experiments with, so that they can be told from anybody else's. */
export const LOAD_OPERATOR = 'load generator';

/** Answers the number of the new experiment. */
export async function addExperiment(session: Session, experiment: NewExperiment, recordedAt: string): Promise<number> {
  const { readings, ...columns } = experiment;
  const id = await session.insert(
    `INSERT INTO experiments (mixture_id, specimen, cooling_rate, warming_rate, storage_temperature, operator, recorded_at)
     VALUES (:mixtureId, :specimen, :coolingRateCelsiusPerMinute, :warmingRateCelsiusPerMinute, :storageTemperatureCelsius,
       :operator, :recordedAt)`,
    { ...columns, recordedAt },
  );
  for (const { hoursAfterThaw, viabilityPercent } of readings) {
    await session.run('INSERT INTO readings VALUES (:id, :hoursAfterThaw, :viabilityPercent)', {
      id,
      hoursAfterThaw,
      viabilityPercent,
    });
  }
  return id;
}

/** Fills new tables with the compounds, the mixtures and the example experiments. */
export async function seed(session: Session, recordedAt: string): Promise<void> {
  const compoundIds = new Map<string, number>();
  for (const compound of COMPOUNDS) {
    const id = await session.insert(
      `INSERT INTO cryoprotectants (name, also_known_as, formula, molar_mass, cas, kind)
       VALUES (:name, :alsoKnownAs, :formula, :molarMass, :cas, :kind)`,
      { ...compound },
    );
    compoundIds.set(compound.name, id);
  }
  const mixtureIds = new Map<string, number>();
  for (const { ingredients, ...mixture } of MIXTURES) {
    const mixtureId = await session.insert(
      'INSERT INTO mixtures (name, purpose, source) VALUES (:name, :purpose, :source)',
      mixture,
    );
    mixtureIds.set(mixture.name, mixtureId);
    for (const { compound, amount, unit, grade } of ingredients) {
      const compoundId = idOf(compoundIds, compound);
      await session.run('INSERT INTO ingredients VALUES (:mixtureId, :compoundId, :amount, :unit, :grade)', {
        ...{ mixtureId, compoundId, amount, unit, grade },
      });
    }
  }
  for (const { mixture, ...example } of EXAMPLES) {
    await addExperiment(session, { ...example, mixtureId: idOf(mixtureIds, mixture), operator: 'example' }, recordedAt);
  }
}

function idOf(ids: ReadonlyMap<string, number>, name: string): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`the seed data names ${name}, which it does not describe`);
  return id;
}

/** Takes away what the load generator of an earlier run left. */
export async function sweepLoad(session: Session): Promise<void> {
  await session.run('DELETE FROM experiments WHERE operator = :operator', { operator: LOAD_OPERATOR });
}
