/**
 * Owns the tables, their rules and their indices.
 * It must never know what is put in them, nor who asks.
 */

/** Marks a database file as ours in its header: the letters `CRYO`. */
export const APPLICATION_ID = 0x4352594f;

/** Raised when the tables change. */
export const SCHEMA_VERSION = 1;

/** Run once, on an empty file, inside the transaction that also seeds it. */
export const SCHEMA = `
CREATE TABLE cryoprotectants (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  also_known_as TEXT NOT NULL,
  formula TEXT,
  molar_mass REAL CHECK (molar_mass > 0),
  cas TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL
) STRICT;
CREATE INDEX cryoprotectants_by_kind ON cryoprotectants (kind, name);

CREATE TABLE mixtures (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  purpose TEXT NOT NULL,
  source TEXT
) STRICT;

CREATE TABLE ingredients (
  mixture_id INTEGER NOT NULL REFERENCES mixtures (id) ON DELETE CASCADE,
  cryoprotectant_id INTEGER NOT NULL REFERENCES cryoprotectants (id),
  amount REAL NOT NULL CHECK (amount > 0),
  unit TEXT NOT NULL CHECK (unit IN ('mol/L', '% w/v', '% v/v')),
  grade TEXT,
  PRIMARY KEY (mixture_id, cryoprotectant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ingredients_by_cryoprotectant ON ingredients (cryoprotectant_id);

CREATE TABLE experiments (
  id INTEGER PRIMARY KEY,
  mixture_id INTEGER NOT NULL REFERENCES mixtures (id),
  specimen TEXT NOT NULL,
  cooling_rate REAL NOT NULL CHECK (cooling_rate > 0),
  warming_rate REAL NOT NULL CHECK (warming_rate > 0),
  storage_temperature REAL NOT NULL,
  operator TEXT NOT NULL,
  recorded_at TEXT NOT NULL
) STRICT;
CREATE INDEX experiments_by_mixture ON experiments (mixture_id);
CREATE INDEX experiments_by_operator ON experiments (operator);

CREATE TABLE readings (
  experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  hours_after_thaw REAL NOT NULL CHECK (hours_after_thaw >= 0),
  viability_percent REAL NOT NULL CHECK (viability_percent BETWEEN 0 AND 100),
  PRIMARY KEY (experiment_id, hours_after_thaw)
) STRICT, WITHOUT ROWID;
`;
