/**
 * Owns the tables, their rules and their indices; of a database only the words in which it says the same.
 * It must never know what is put in them, nor who asks.
 */

/** Raised when the tables change. */
export const SCHEMA_VERSION = 1;

/** How a database says what every database can. */
export interface Dialect {
  /** The type of a column that numbers its rows. */
  readonly id: string;
  /** The type of a column that holds such a number. */
  readonly reference: string;
  /** At least 200 characters. */
  readonly text: string;
  /** A number of 64 bits, with a fraction. */
  readonly real: string;
  /** What stands behind a table. */
  readonly table: string;
  /** The same for a table that is looked up by its key alone. */
  readonly keyed: string;
}

/** The statements that make the tables, to be run once. */
export function schemaIn(dialect: Dialect): readonly string[] {
  return [...recipesIn(dialect), ...experimentsIn(dialect)];
}

function recipesIn({ id, reference, text, real, table, keyed }: Dialect): readonly string[] {
  return [
    `CREATE TABLE cryoprotectants (
      id ${id},
      name ${text} NOT NULL UNIQUE,
      also_known_as ${text} NOT NULL,
      formula ${text},
      molar_mass ${real} CHECK (molar_mass > 0),
      cas ${text} NOT NULL UNIQUE,
      kind ${text} NOT NULL
    ) ${table}`,
    'CREATE INDEX cryoprotectants_by_kind ON cryoprotectants (kind, name)',
    `CREATE TABLE mixtures (
      id ${id},
      name ${text} NOT NULL UNIQUE,
      purpose ${text} NOT NULL,
      source ${text}
    ) ${table}`,
    `CREATE TABLE ingredients (
      mixture_id ${reference} NOT NULL,
      cryoprotectant_id ${reference} NOT NULL,
      amount ${real} NOT NULL CHECK (amount > 0),
      unit ${text} NOT NULL CHECK (unit IN ('mol/L', '% w/v', '% v/v')),
      grade ${text},
      PRIMARY KEY (mixture_id, cryoprotectant_id),
      FOREIGN KEY (mixture_id) REFERENCES mixtures (id) ON DELETE CASCADE,
      FOREIGN KEY (cryoprotectant_id) REFERENCES cryoprotectants (id)
    ) ${keyed}`,
    'CREATE INDEX ingredients_by_cryoprotectant ON ingredients (cryoprotectant_id)',
  ];
}

function experimentsIn({ id, reference, text, real, table, keyed }: Dialect): readonly string[] {
  return [
    `CREATE TABLE experiments (
      id ${id},
      mixture_id ${reference} NOT NULL,
      specimen ${text} NOT NULL,
      cooling_rate ${real} NOT NULL CHECK (cooling_rate > 0),
      warming_rate ${real} NOT NULL CHECK (warming_rate > 0),
      storage_temperature ${real} NOT NULL,
      operator ${text} NOT NULL,
      recorded_at ${text} NOT NULL,
      FOREIGN KEY (mixture_id) REFERENCES mixtures (id)
    ) ${table}`,
    'CREATE INDEX experiments_by_mixture ON experiments (mixture_id)',
    'CREATE INDEX experiments_by_operator ON experiments (operator)',
    `CREATE TABLE readings (
      experiment_id ${reference} NOT NULL,
      hours_after_thaw ${real} NOT NULL CHECK (hours_after_thaw >= 0),
      viability_percent ${real} NOT NULL CHECK (viability_percent BETWEEN 0 AND 100),
      PRIMARY KEY (experiment_id, hours_after_thaw),
      FOREIGN KEY (experiment_id) REFERENCES experiments (id) ON DELETE CASCADE
    ) ${keyed}`,
  ];
}
