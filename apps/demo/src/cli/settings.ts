/**
 * Owns the way to the pool's settings: the guide's names in the environment, the same names as flags, flags first.
 * It must never know what a setting does.
 */
import { checkValidationQuery, elastic, type PoolOptions, settingsFromEnvironment } from '@cryo/pool-core';
import type { SqlitePoolOptions } from '@cryo/pool-sqlite';
import { InvalidOptionsError, type OptionFault } from '@cryo/resilience';
import { BadInputError, describeFault } from './bad-input.ts';

/** What the guide puts before its names in the environment. */
const PREFIX = 'SUPABASE';
const VARIABLE = new RegExp(`${PREFIX}_[A-Z_]+`, 'g');

/** Each pool flag with the guide's name for it. */
export const SETTING_FLAGS: ReadonlyMap<string, string> = new Map(
  [
    'MIN_CONNECTIONS',
    'MAX_CONNECTIONS',
    'ABSOLUTE_MAX_CONNECTIONS',
    'CONNECTION_TIMEOUT',
    'CONNECTION_LIFETIME',
    'IDLE_TIMEOUT',
    'HEALTH_CHECK_INTERVAL',
    'RETRY_ATTEMPTS',
    'INITIAL_RETRY_DELAY',
    'MAX_RETRY_DELAY',
    'RETRY_JITTER_FACTOR',
    'VALIDATION_QUERY',
    'VALIDATION_TIMEOUT',
    'CIRCUIT_BREAKER_THRESHOLD',
    'CIRCUIT_BREAKER_TIMEOUT',
    'CIRCUIT_BREAKER_RESET',
    'METRICS_REPORTING_INTERVAL',
  ].map((name) => [name.toLowerCase().replaceAll('_', '-'), name]),
);

/** Where the read pool of the demo starts from; the guide's defaults would hide its growth behind room to spare. */
const READ_SIZE = { min: 3, max: 10, absoluteMax: 30 };

/** Quick on its feet, so that a run of seconds shows what takes a service minutes. */
const READ_SIZER = elastic({ windowMs: 1_000, growCooldownMs: 800, shrinkCooldownMs: 2_000 });

/** With one connection there is one dial at a time: five failures, and the waits between them, would take three seconds. */
const WRITE_BREAKER = { threshold: 2 };

/** Everything about the pools but where the data is. */
export type PoolGroups = Omit<SqlitePoolOptions, 'file' | 'inline' | 'wrapDriver'>;

/** The same for the one pool of a server. */
export interface ServerSettings extends Omit<PoolOptions<object>, 'driver'> {
  readonly validationQuery?: string;
}

/** A server takes writes on every connection: its pool is as large as SQLite's for reading. */
export function serverSettings({
  read,
  write,
  setup,
  fileMustExist,
  busyTimeoutMs,
  ...shared
}: PoolGroups): ServerSettings {
  return { ...shared, name: shared.name ?? 'cryoprotect', ...(read?.size && { size: read.size }) };
}

/**
 * The options of the demo's pools.
 *
 * @param flags pool flags and their texts
 * @throws BadInputError with a line for each value that can't be used, under the name it was given by
 */
export function poolSettings(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string>>,
): PoolGroups {
  const merged = { ...env };
  const flagOf = new Map<string, string>();
  for (const [flag, text] of Object.entries(flags)) {
    const variable = `${PREFIX}_${SETTING_FLAGS.get(flag)}`;
    merged[variable] = text;
    flagOf.set(variable, `--${flag}`);
  }
  try {
    const { pool, validationQuery } = settingsFromEnvironment(merged, { prefix: PREFIX });
    const { size, ...shared } = pool;
    return {
      ...shared,
      name: 'cryoprotect',
      read: { size: { ...roomFor(size), sizer: READ_SIZER } },
      write: { breaker: { ...WRITE_BREAKER, ...shared.breaker } },
      ...(validationQuery !== undefined && { validationQuery }),
    };
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    const faults = [...error.faults, ...queryFaults(merged[`${PREFIX}_VALIDATION_QUERY`])];
    const lines = faults.map(describeFault);
    throw new BadInputError(
      lines.map((line) => line.replace(VARIABLE, (variable) => flagOf.get(variable) ?? variable)),
    );
  }
}

/** The lines that {@link poolSettings} would throw; none when it would not. */
export function settingFaults(...given: Parameters<typeof poolSettings>): readonly string[] {
  try {
    poolSettings(...given);
    return [];
  } catch (error) {
    if (error instanceof BadInputError) return error.lines;
    throw error;
  }
}

/** The pools check the query when they are made, which is too late to name it beside the other variables. */
function queryFaults(query: string | undefined): readonly OptionFault[] {
  const expected = query === undefined || query === '' ? undefined : checkValidationQuery(query, { functions: [] });
  return expected === undefined ? [] : [{ path: `${PREFIX}_VALIDATION_QUERY`, value: query, expected }];
}

/** What the pools themselves find wrong, under a name that a user of the demo knows. */
export function renamed(fault: OptionFault): OptionFault {
  if (fault.path !== 'validationQuery') return fault;
  return { ...fault, path: `the validation query (${PREFIX}_VALIDATION_QUERY, --validation-query)` };
}

/** The demo's own sizes give way to what was asked for. */
function roomFor(asked: Partial<typeof READ_SIZE> = {}): typeof READ_SIZE {
  const absoluteMax = asked.absoluteMax ?? Math.max(READ_SIZE.absoluteMax, asked.max ?? 0, asked.min ?? 0);
  const max = asked.max ?? Math.min(absoluteMax, Math.max(READ_SIZE.max, asked.min ?? 0));
  return { absoluteMax, max, min: asked.min ?? Math.min(READ_SIZE.min, max) };
}
