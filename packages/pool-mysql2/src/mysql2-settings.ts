/**
 * Owns what mysql2's pool options mean to a pool here, and which values of them stay out of print.
 * It must never know what the drop-in does with a connection, nor open one.
 */
import { fixed, type PoolOptions } from '@cryo/pool-core';
import { InvalidOptionsError, type OptionFault } from '@cryo/resilience';
import * as mysql2 from 'mysql2';
import { isFault, parseAddress } from './mysql2-address.ts';
import { hideSecrets, withOwnTls } from './mysql2-credentials.ts';
import type { MysqlTarget } from './mysql2-types.ts';

/** What the drop-in can be told beyond mysql2's own options: the groups of `createPool`, over what follows from those. */
export interface CompatibleSettings extends Partial<Omit<PoolOptions<never>, 'driver' | 'size'>> {
  /** `'primary'`: a server that takes no writes will not do. Default `'any'`. */
  readonly target?: MysqlTarget;
  /** Connections kept open also when nobody asks. Default 0, as mysql2's pools have it. */
  readonly min?: number;
}

/** mysql2's own reading of pool options; its type of it tells what went in, not what came out. */
export interface Mysql2PoolConfig {
  readonly connectionConfig: mysql2.ConnectionOptions;
  readonly waitForConnections: boolean;
  readonly connectionLimit: number;
  readonly maxIdle: number;
  readonly idleTimeout: number;
  readonly queueLimit: number;
  readonly resetOnRelease: boolean;
}

/** What 0 and Infinity stand for where they mean no limit. */
const MOST_CONNECTIONS = 100_000;

/** Of mysql2's own numbers, those that make no pool when they are out of range. */
const NUMBERS: Readonly<Record<string, { readonly most: number; readonly unit: string }>> = {
  connectionLimit: { most: MOST_CONNECTIONS, unit: 'connections' },
  queueLimit: { most: Number.MAX_SAFE_INTEGER, unit: 'requests' },
  maxIdle: { most: Number.MAX_SAFE_INTEGER, unit: 'connections' },
  idleTimeout: { most: 2 ** 31 - 1, unit: 'ms' },
};

/** A dial ends by mysql2's own timeout, whose error callers know; ours is this many times as long. */
const AFTER_THEIRS = 1.05;

/**
 * Lets mysql2 read the options, and hides the secrets among them from print; they stay readable.
 *
 * @throws InvalidOptionsError for numbers that can't be meant, and an address that can't be read, none of which is shown
 */
export function readPoolConfig(options: string | mysql2.PoolOptions): Mysql2PoolConfig {
  const faults = faultsOf(options);
  if (faults.length > 0) throw new InvalidOptionsError("mysql2's createPool", faults);
  // mysql2 writes into what it is given, and its pool itself is only needed for its reading.
  const copy = typeof options === 'string' ? options : withOwnTls(options);
  const reader: mysql2.Pool = typeof copy === 'string' ? mysql2.createPool(copy) : mysql2.createPool(copy);
  const config = reader.config as object as Mysql2PoolConfig;
  reader.end();
  hideSecrets(config.connectionConfig);
  return config;
}

function faultsOf(options: string | mysql2.PoolOptions): OptionFault[] {
  // Callers without types may have forgotten it.
  const given: unknown = options;
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null)) {
    return [{ path: 'options', value: given, expected: "a string such as 'mysql://user@host/database', or an object" }];
  }
  const { uri, ...own } = typeof options === 'string' ? { uri: options } : options;
  const faults: OptionFault[] = [];
  const address = uri === undefined ? undefined : parseAddress(uri);
  if (address !== undefined && isFault(address)) {
    faults.push({ path: `uri (its ${address.part})`, value: '(not shown)', expected: address.expected });
  } else if (address?.hosts !== undefined) {
    faults.push({ path: 'uri (its host)', value: '(not shown)', expected: 'one host, as mysql2 has it' });
  }
  for (const [path, { most, unit }] of Object.entries(NUMBERS)) {
    const value = own[path as keyof typeof own];
    const number = Number(value);
    // What is no number at all is left to mysql2, which takes its default for it.
    if (value === undefined || Number.isNaN(number) || number === Infinity) continue;
    if (number >= 0 && number <= most && (unit === 'ms' || Number.isInteger(number))) continue;
    faults.push({ path, value, expected: `${unit === 'ms' ? 'a number' : 'an integer'} from 0 to ${most} ${unit}` });
  }
  return faults;
}

/** The options of the pool behind the drop-in, but for its driver. */
export function poolOptionsOf(
  config: Mysql2PoolConfig,
  { target: _target, min = 0, ...settings }: CompatibleSettings,
): Omit<PoolOptions<never>, 'driver'> {
  const { connectionConfig, connectionLimit, maxIdle, idleTimeout, queueLimit } = config;
  const max = connectionLimit === 0 || connectionLimit === Infinity ? MOST_CONNECTIONS : connectionLimit;
  const { database, host = 'mysql', connectTimeout } = connectionConfig;
  return {
    name: database === undefined || database === '' ? host : database,
    ...settings,
    size: { min, max, absoluteMax: max, sizer: fixed() },
    acquire: { timeoutMs: Infinity, queueLimit: queueLimit === 0 ? Infinity : queueLimit, ...settings.acquire },
    connect: { timeoutMs: limitOf(connectTimeout), ...settings.connect },
    retirement: {
      idleTimeoutMs: maxIdle < connectionLimit ? Math.max(1, idleTimeout) : Infinity,
      ...settings.retirement,
    },
  };
}

function limitOf(timeoutMs: number | undefined): number {
  // From an address it may be a text.
  const limitMs = Number(timeoutMs ?? 0);
  return limitMs === 0 ? Infinity : AFTER_THEIRS * limitMs;
}
