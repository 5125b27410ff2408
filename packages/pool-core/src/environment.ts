/**
 * Owns the founding guide's environment variables: their names, their units, and what they set.
 * It must never read the process's environment itself, nor know the defaults of anything.
 */
import { type NumberRange, OptionCheck } from '@cryo/resilience';
import type { PoolOptions } from './options.ts';

/** The groups of {@link PoolOptions} that the environment can set; only what was set is there. */
export type EnvironmentOptions = Pick<
  PoolOptions<never>,
  'size' | 'acquire' | 'connect' | 'breaker' | 'validation' | 'retirement' | 'metrics'
>;

/** What the environment says. */
export interface EnvironmentSettings {
  /** To be spread into the options of a pool. */
  readonly pool: EnvironmentOptions;
  /** For the adapter, which knows what may be asked. */
  readonly validationQuery: string | undefined;
}

interface Variable {
  readonly name: string;
  /** Group and option. */
  readonly sets: readonly [group: keyof EnvironmentOptions, option: string];
  readonly range: NumberRange;
}

const SECONDS = { min: 0.001, unit: 'seconds' };
const SECONDS_OR_NONE = { ...SECONDS, infinity: true };
const CONNECTIONS = { min: 1, max: 100_000, integer: true, unit: 'connections' };
const COUNT = { min: 1, integer: true };

/** Table 2.1 of the guide, and the interval of its section 2.7. */
const VARIABLES: readonly Variable[] = [
  { name: 'MIN_CONNECTIONS', sets: ['size', 'min'], range: { ...CONNECTIONS, min: 0 } },
  { name: 'MAX_CONNECTIONS', sets: ['size', 'max'], range: CONNECTIONS },
  { name: 'ABSOLUTE_MAX_CONNECTIONS', sets: ['size', 'absoluteMax'], range: CONNECTIONS },
  { name: 'CONNECTION_TIMEOUT', sets: ['acquire', 'timeoutMs'], range: SECONDS_OR_NONE },
  { name: 'CONNECTION_LIFETIME', sets: ['retirement', 'maxLifetimeMs'], range: SECONDS_OR_NONE },
  { name: 'IDLE_TIMEOUT', sets: ['retirement', 'idleTimeoutMs'], range: SECONDS_OR_NONE },
  { name: 'HEALTH_CHECK_INTERVAL', sets: ['validation', 'intervalMs'], range: SECONDS_OR_NONE },
  { name: 'RETRY_ATTEMPTS', sets: ['connect', 'maxRetries'], range: { min: 0, integer: true, unit: 'retries' } },
  { name: 'INITIAL_RETRY_DELAY', sets: ['connect', 'initialDelayMs'], range: SECONDS },
  { name: 'MAX_RETRY_DELAY', sets: ['connect', 'maxDelayMs'], range: SECONDS },
  { name: 'RETRY_JITTER_FACTOR', sets: ['connect', 'jitter'], range: { min: 0, max: 1, unit: 'of the delay' } },
  { name: 'VALIDATION_TIMEOUT', sets: ['validation', 'timeoutMs'], range: SECONDS_OR_NONE },
  { name: 'CIRCUIT_BREAKER_THRESHOLD', sets: ['breaker', 'threshold'], range: { ...COUNT, unit: 'failures' } },
  { name: 'CIRCUIT_BREAKER_TIMEOUT', sets: ['breaker', 'openForMs'], range: SECONDS },
  { name: 'CIRCUIT_BREAKER_RESET', sets: ['breaker', 'successes'], range: { ...COUNT, unit: 'probes' } },
  { name: 'METRICS_REPORTING_INTERVAL', sets: ['metrics', 'reportIntervalMs'], range: SECONDS_OR_NONE },
];

/** Pairs of which the first may not be more than the second. */
const ORDERED: readonly (readonly [string, string])[] = [
  ['MIN_CONNECTIONS', 'MAX_CONNECTIONS'],
  ['MAX_CONNECTIONS', 'ABSOLUTE_MAX_CONNECTIONS'],
  ['MIN_CONNECTIONS', 'ABSOLUTE_MAX_CONNECTIONS'],
  ['INITIAL_RETRY_DELAY', 'MAX_RETRY_DELAY'],
];

/** Plain decimal notation and nothing else: no exponent, no unit, no hexadecimal. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const NONE = /^infinity$/i;

/**
 * Options from environment variables: `<prefix>_MIN_CONNECTIONS`, `<prefix>_CONNECTION_TIMEOUT` and the others that the README
 * lists. Times are in seconds. A variable that is empty or blank is not set, and around a number blanks are ignored.
 * `Infinity` means none where a setting has that. Other variables are left alone.
 *
 * @throws InvalidOptionsError naming every bad variable, its value and its range
 */
export function settingsFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly prefix?: string } = {},
): EnvironmentSettings {
  const check = new OptionCheck('environment');
  check.type('env', env, 'object');
  if (check.type('options', options, 'object')) check.unknownKeys('', options, ['prefix']);
  const { prefix = 'CRYO' } = OptionCheck.pick(options, ['prefix']);
  check.type('prefix', prefix, 'string');
  check.throwIfFaulty();
  return settingsFrom(check, env, prefix as string);
}

function settingsFrom(
  check: OptionCheck,
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
): EnvironmentSettings {
  const values = new Map<string, number>();
  const groups: Record<string, Record<string, number>> = {};
  for (const { name, sets, range } of VARIABLES) {
    const given = OptionCheck.read(env, `${prefix}_${name}`) ?? '';
    if (!check.type(`${prefix}_${name}`, given, 'string')) continue;
    const written = (given as string).trim();
    if (written === '') continue;
    const value = parseNumber(written);
    if (!check.number(`${prefix}_${name}`, value ?? written, range)) continue;
    values.set(name, value as number);
    const [group, option] = sets;
    groups[group] = { ...groups[group], [option]: inSettings(value as number, range) };
  }
  checkOrder(check, prefix, values);
  check.throwIfFaulty();
  const query = env[`${prefix}_VALIDATION_QUERY`]?.trim();
  return { pool: groups as EnvironmentOptions, validationQuery: query === '' ? undefined : query };
}

function parseNumber(written: string): number | undefined {
  if (NONE.test(written)) return Number.POSITIVE_INFINITY;
  return DECIMAL.test(written) ? Number(written) : undefined;
}

/** Settings are in ms, variables in seconds; a microsecond is kept, what floating point adds is not: 1.001 s is 1001 ms. */
function inSettings(value: number, { unit }: NumberRange): number {
  return unit === 'seconds' ? Math.round(value * 1_000_000) / 1_000 : value;
}

function checkOrder(check: OptionCheck, prefix: string, values: ReadonlyMap<string, number>): void {
  for (const [lesser, greater] of ORDERED) {
    const low = values.get(lesser);
    const high = values.get(greater);
    if (low === undefined || high === undefined || low <= high) continue;
    const unit = VARIABLES.find(({ name }) => name === lesser)?.range.unit ?? '';
    check.fault(`${prefix}_${lesser}`, low, `at most ${prefix}_${greater}, which is ${high} ${unit}`);
  }
}
