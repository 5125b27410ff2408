/**
 * Owns what a dial is told: the configuration with today's password, sealed values opened, and what of it is secret.
 * It must never keep a plain text where it can be read, nor know what becomes of a dial.
 */
import { isSealed, type Unsealer } from '@cryo/pool-core';
import * as mysql2 from 'mysql2';
import { configOf, shown } from './mysql2-address.ts';
import type { MysqlConnectionConfig, MysqlCore, Way } from './mysql2-types.ts';

/** How many passwords are remembered for masking: those of connections that may still be open. */
const PASSWORDS = 8;

/** Unless told otherwise: the pool limits dials itself, and the system finds out a peer that is gone within some 20 s. */
const DEFAULTS: mysql2.ConnectionOptions = { connectTimeout: 0, keepAliveInitialDelay: 10_000 };

const SECRET_OPTIONS = ['password', 'password1', 'password2', 'password3', 'passwordSha1'] as const;
const SECRET_TLS_OPTIONS = ['key', 'pfx', 'passphrase'];

/** The configuration of one pool, asked afresh for each dial. */
export class Credentials {
  readonly #connection: string | MysqlConnectionConfig;
  readonly #unsealer: Unsealer;
  readonly #judgeAddress: (text: string) => void;
  readonly #asked: string[] = [];
  readonly #secretsGiven: readonly string[];

  /** @param judgeAddress throws for an address that can't be read; one that was sealed could not be judged before */
  constructor(
    connection: string | MysqlConnectionConfig,
    { unsealer, judgeAddress }: { readonly unsealer: Unsealer; readonly judgeAddress: (text: string) => void },
  ) {
    this.#connection = typeof connection === 'string' ? connection : withOwnTls(connection);
    this.#unsealer = unsealer;
    this.#judgeAddress = judgeAddress;
    this.#secretsGiven = secretsOf(configOf(connection));
  }

  /** The ways of a dial. mysql2 writes into the configuration it is given, so each connection has its own. */
  async ways(): Promise<readonly Way[]> {
    const { password, ssl, hosts = [], ...rest } = configOf(await this.#open());
    const text = typeof password === 'function' ? this.#remember(await password()) : password;
    const config: mysql2.ConnectionOptions = { ...DEFAULTS, ...rest };
    if (text !== undefined) config.password = text;
    if (ssl !== undefined) config.ssl = ssl;
    if (hosts.length === 0) return [{ address: config.host ?? 'localhost', begin: () => begin(config) }];
    return hosts.map(({ host, port = config.port ?? 3306 }) => ({
      address: shown(host, port),
      begin: () => begin({ ...config, host, port }),
    }));
  }

  secrets(): readonly string[] {
    return [...this.#secretsGiven, ...this.#asked, ...this.#unsealer.secrets()];
  }

  async #open(): Promise<string | MysqlConnectionConfig> {
    const connection = this.#connection;
    if (!holdsSealed(connection)) return connection;
    const given = typeof connection === 'string' ? { uri: connection } : connection;
    const opened = await this.#unsealer.openAll(given);
    if (isSealed(given.uri) && opened.uri !== undefined) this.#judgeAddress(opened.uri);
    return opened;
  }

  #remember(password: string): string {
    if (typeof password === 'string' && !this.#asked.includes(password)) {
      this.#asked.push(password);
      if (this.#asked.length > PASSWORDS) this.#asked.shift();
    }
    return password;
  }
}

function begin(config: mysql2.ConnectionOptions): MysqlCore {
  const core = mysql2.createConnection(config) as mysql2.Connection as MysqlCore;
  hideSecrets(core.config);
  return core;
}

/** mysql2 writes into what it is told of TLS, and keeps sessions by it: so it is a copy, and one for all connections. */
export function withOwnTls<Config extends { readonly ssl?: mysql2.ConnectionOptions['ssl'] }>(config: Config): Config {
  return typeof config.ssl === 'object' ? { ...config, ssl: { ...config.ssl } } : { ...config };
}

/** Leaves the secrets of a configuration readable, and out of every print of it. */
export function hideSecrets(config: mysql2.ConnectionOptions): void {
  if (typeof config.ssl === 'object') hide(config.ssl, SECRET_TLS_OPTIONS);
  hide(config, SECRET_OPTIONS);
}

function hide(holder: object, keys: readonly string[]): void {
  for (const key of keys) {
    const held = Object.getOwnPropertyDescriptor(holder, key);
    if (held?.value !== undefined && held.configurable) {
      Object.defineProperty(holder, key, { ...held, enumerable: false });
    }
  }
}

/** What has to be masked wherever an error is shown. */
export function secretsOf(config: MysqlConnectionConfig): readonly string[] {
  const tls: Readonly<Record<string, unknown>> = typeof config.ssl === 'object' ? Object(config.ssl) : {};
  const values = [...SECRET_OPTIONS.map((key) => config[key]), ...SECRET_TLS_OPTIONS.map((key) => tls[key])];
  return values.filter((value): value is string => typeof value === 'string' && value !== '' && !isSealed(value));
}

/** As deep as sealed values are opened; without any, TLS keeps its one configuration, and with it its sessions. */
function holdsSealed(value: unknown): boolean {
  if (isSealed(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).some(holdsSealed);
}
