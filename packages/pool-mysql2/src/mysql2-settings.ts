/**
 * Owns what mysql2's pool options mean to a pool here, and which values of them stay out of print.
 * It must never know what the drop-in does with a connection, nor open one.
 */
import { fixed, type PoolOptions } from '@cryo/pool-core';
import { InvalidOptionsError } from '@cryo/resilience';
import * as mysql2 from 'mysql2';
import { isFault, parseAddress } from './mysql2-address.ts';
import { withOwnTls } from './mysql2-credentials.ts';
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

/** What 0 stands for where it means no limit. */
const MOST_CONNECTIONS = 100_000;

/**
 * Lets mysql2 read the options, and hides the secrets among them from print; they stay readable.
 *
 * @throws InvalidOptionsError for an address that can't be read, none of which is shown
 */
export function readPoolConfig(options: string | mysql2.PoolOptions): Mysql2PoolConfig {
  const uri = typeof options === 'string' ? options : options.uri;
  const address = uri === undefined ? undefined : parseAddress(uri);
  if (address !== undefined && isFault(address)) {
    const fault = { path: `uri (its ${address.part})`, value: '(not shown)', expected: address.expected };
    throw new InvalidOptionsError("mysql2's createPool", [fault]);
  }
  // mysql2 writes into what it is given, and its pool itself is only needed for its reading.
  const copy = typeof options === 'string' ? options : withOwnTls(options);
  const reader: mysql2.Pool = typeof copy === 'string' ? mysql2.createPool(copy) : mysql2.createPool(copy);
  const config = reader.config as object as Mysql2PoolConfig;
  reader.end();
  hideSecrets(config.connectionConfig);
  return config;
}

/** The options of the pool behind the drop-in, but for its driver. */
export function poolOptionsOf(
  config: Mysql2PoolConfig,
  { target: _target, min = 0, ...settings }: CompatibleSettings,
): Omit<PoolOptions<never>, 'driver'> {
  const { connectionConfig, connectionLimit, maxIdle, idleTimeout, queueLimit } = config;
  const max = connectionLimit === 0 ? MOST_CONNECTIONS : connectionLimit;
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

/** What has to be masked wherever an error is shown. */
export function secretsOf(config: mysql2.ConnectionOptions): readonly string[] {
  const tls: mysql2.SslOptions = typeof config.ssl === 'object' ? config.ssl : {};
  const values: unknown[] = [...SECRETS.map((key) => config[key]), ...TLS_SECRETS.map((key) => tls[key])];
  return values.filter((value): value is string => typeof value === 'string' && value !== '');
}

const SECRETS = ['password', 'password2', 'password3', 'passwordSha1'] as const;
const TLS_SECRETS = ['key', 'pfx', 'passphrase'] as const;

function hideSecrets(config: mysql2.ConnectionOptions): void {
  if (typeof config.ssl === 'object') hide(config.ssl, TLS_SECRETS);
  hide(config, SECRETS);
}

function hide(holder: object, keys: readonly string[]): void {
  for (const key of keys) {
    const held = Object.getOwnPropertyDescriptor(holder, key);
    if (held?.value !== undefined) Object.defineProperty(holder, key, { ...held, enumerable: false });
  }
}

function limitOf(timeoutMs: number | undefined): number {
  return timeoutMs === undefined || timeoutMs === 0 ? Infinity : timeoutMs;
}
