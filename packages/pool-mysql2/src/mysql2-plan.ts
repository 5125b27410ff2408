/**
 * Owns the judging of the options of `createMysqlPool`: every fault in one error, and the options of a pool from what is left.
 * It must never know what a setting does, nor open anything.
 */
import {
  checkValidationQuery,
  type Driver,
  isSealed,
  type PoolOptions,
  parseSettings,
  type ServerAddress,
  unsealerFromEnvironment,
} from '@cryo/pool-core';
import { InvalidOptionsError, OptionCheck, systemClock, systemTimers } from '@cryo/resilience';
import * as mysql2 from 'mysql2';
import { configOf, isFault, parseAddress } from './mysql2-address.ts';
import { Credentials, withOwnTls } from './mysql2-credentials.ts';
import { createMysqlDriver } from './mysql2-driver.ts';
import type { MysqlPoolGroups, MysqlPoolOptions } from './mysql2-options.ts';
import { coreOf, type MysqlConnection, type MysqlConnectionConfig, type MysqlCore } from './mysql2-types.ts';

/** The groups of `createPool`, all of them: the compiler misses one that is not there. */
const GROUPS = Object.keys({
  ...{ size: true, acquire: true, shedding: true, connect: true, breaker: true, validation: true, reset: true },
  ...{
    closing: true,
    retirement: true,
    leak: true,
    metrics: true,
    logger: true,
    clock: true,
    timers: true,
    random: true,
  },
  capacity: true,
} satisfies Readonly<Record<keyof MysqlPoolGroups, true>>);
const OWN = ['connection', 'name', 'target', 'onConnect', 'resetLevel', 'validationQuery', 'unsealer', 'wrapDriver'];

/** What mysql2's own pools are told, and where it is said here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  connectionLimit: 'size.max',
  queueLimit: 'acquire.queueLimit',
  waitForConnections: 'acquire.queueLimit',
  maxIdle: 'size.min',
  idleTimeout: 'retirement.idleTimeoutMs',
  resetOnRelease: 'resetLevel',
};

/** Functions that read nothing but their arguments, the server's own state and the rows of the query. */
const VALIDATION_FUNCTIONS = [
  ...['abs', 'coalesce', 'count', 'if', 'ifnull', 'isnull', 'length', 'lower', 'max', 'min', 'nullif', 'sum', 'upper'],
  ...['database', 'version', 'connection_id', 'current_user', 'now'],
];

const KNOWN = [...OWN, ...GROUPS];
const PORT = { min: 1, max: 65_535, integer: true, unit: '' };

type Given = Readonly<Record<string, unknown>>;

/**
 * Driver and pool options from the options of the adapter. Nothing is opened. `orphaned` is told of each connection that ends
 * without an answer that is still to come.
 *
 * @throws InvalidOptionsError listing every fault, those of the pool among them
 */
export function planMysqlPool(
  options: MysqlPoolOptions,
  orphaned: (core: MysqlCore) => void = () => {},
): PoolOptions<MysqlConnection> {
  const given = OptionCheck.pick(options, KNOWN);
  const check = new OptionCheck('createMysqlPool');
  if (check.type('options', options, 'object')) {
    check.unknownKeys('', options, KNOWN);
    checkOwn(check, given);
  }
  const groups = Object.fromEntries(GROUPS.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]));
  const name = typeof given.name === 'string' && given.name !== '' ? given.name : undefined;
  const shape = { ...groups, name: name ?? 'mysql' };
  adoptPoolFaults(check, { ...shape, driver: UNUSED });
  check.throwIfFaulty();
  const driver = driverFor(options, orphaned);
  const planned = { ...shape, name: name ?? nameFor(driver.server), driver: options.wrapDriver?.(driver) ?? driver };
  parseSettings(planned);
  return planned;
}

/** Sound by itself, so that the faults that are found are those of the other options. */
const UNUSED: Driver<never> = {
  name: 'mysql',
  open: () => Promise.reject(new Error('unused')),
  check: () => Promise.resolve(),
  close: () => Promise.resolve(),
  destroy: () => {},
};

function checkOwn(check: OptionCheck, given: Given): void {
  checkReadable(check, 'connection', () => checkConnection(check, given.connection));
  if (given.name !== undefined && (typeof given.name !== 'string' || given.name.trim() === '')) {
    check.fault('name', given.name, 'a string that is not empty');
  }
  if (given.target !== undefined) check.oneOf('target', given.target, ['primary', 'any']);
  if (given.resetLevel !== undefined)
    check.oneOf('resetLevel', given.resetLevel, ['everything', 'session', 'transaction']);
  for (const hook of ['onConnect', 'wrapDriver']) {
    if (given[hook] !== undefined) check.type(hook, given[hook], 'function');
  }
  if (given.unsealer !== undefined) check.type('unsealer', given.unsealer, 'object');
  if (given.validationQuery === undefined) return;
  const expected = checkValidationQuery(given.validationQuery, { functions: VALIDATION_FUNCTIONS });
  if (expected !== undefined) check.fault('validationQuery', given.validationQuery, expected);
}

/** What throws when it is looked at is a fault of the option that holds it. */
function checkReadable(check: OptionCheck, path: string, judge: () => void): void {
  try {
    judge();
  } catch {
    check.fault(path, '(not shown)', 'what can be read');
  }
}

function checkConnection(check: OptionCheck, connection: unknown): void {
  if (typeof connection === 'string') return checkAddress(check, 'connection', connection);
  if (!isRecord(connection)) {
    return check.fault('connection', connection, "a string such as 'mysql://user@host/database', or an object");
  }
  const { uri, port, password, hosts } = connection;
  if (uri !== undefined && check.type('connection.uri', uri, 'string'))
    checkAddress(check, 'connection.uri', uri as string);
  if (port !== undefined && !isSealed(port)) {
    check.number('connection.port', port, PORT);
  }
  if (hosts !== undefined) checkHosts(check, connection);
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function') {
    check.fault('connection.password', '(not shown)', 'a string, or a function that answers one');
  }
  for (const [key, place] of Object.entries(ELSEWHERE)) {
    if (connection[key] !== undefined)
      check.fault(`connection.${key}`, connection[key], `${place} of the pool instead`);
  }
  checkConfig(check, connection);
}

function checkHosts(check: OptionCheck, { hosts, host, socketPath }: Given): void {
  if (!Array.isArray(hosts) || hosts.length === 0) {
    return check.fault('connection.hosts', hosts, 'at least one { host, port }');
  }
  for (const [key, value] of Object.entries({ host, socketPath })) {
    if (value !== undefined) check.fault(`connection.${key}`, value, 'nothing beside connection.hosts');
  }
  for (const [index, one] of hosts.entries()) {
    const path = `connection.hosts.${index}`;
    if (!check.type(path, one, 'object')) continue;
    check.unknownKeys(path, one, ['host', 'port']);
    check.type(`${path}.host`, one.host, 'string');
    if (one.port !== undefined && !isSealed(one.port)) check.number(`${path}.port`, one.port, PORT);
  }
}

/** What mysql2 itself reads of a configuration beyond what it keeps under the same name. */
const READ_ONLY_ONCE = ['uri', 'charset', 'flags', 'password1', 'Promise', ...Object.keys(ELSEWHERE)];
/** What it keeps there under a name that it does not read. */
const NEVER_READ = new Set(['clientFlags', 'maxPacketSize']);
const TIMEZONE = /^(?:local|Z|[ +-]\d\d:\d\d)$/;

const { ConnectionConfig } = mysql2 as typeof mysql2 & {
  readonly ConnectionConfig: new (options: mysql2.ConnectionOptions) => object;
};

/**
 * mysql2 prints a line at each dial about an option that it does not know, and goes on without: `ssl-mode=REQUIRED` in an
 * address would give connections without TLS. What it can't read at all fails each dial anew.
 */
function checkConfig(check: OptionCheck, { hosts: _, ...config }: Given): void {
  const known = new Set([...Object.keys(new ConnectionConfig({})), ...READ_ONLY_ONCE]);
  const unknown = Object.keys(config).filter((key) => !known.has(key) || NEVER_READ.has(key));
  for (const key of unknown) check.fault(`connection.${key}`, '(not shown)', 'an option of mysql2, or nothing');
  const { timezone } = config;
  if (timezone !== undefined && !isSealed(timezone) && !TIMEZONE.test(String(timezone))) {
    check.fault('connection.timezone', timezone, "'local', 'Z', or an offset such as '+01:00'");
  }
  if (unknown.length > 0 || Object.values(config).some(isSealed)) return;
  try {
    const read: mysql2.ConnectionOptions = { ...config, password: '', uri: '', timezone: 'Z' };
    new ConnectionConfig(withOwnTls(read));
  } catch (error) {
    check.fault('connection', '(not shown)', `what mysql2 can read: ${error instanceof Error ? error.message : error}`);
  }
}

/** No part of the string is shown. */
function checkAddress(check: OptionCheck, path: string, text: string): void {
  if (text.trim() === '') return check.fault(path, text, "a string such as 'mysql://user@host/database'");
  if (isSealed(text)) return;
  const address = parseAddress(text);
  if (isFault(address)) check.fault(`${path} (its ${address.part})`, '(not shown)', address.expected);
  else checkConfig(check, address as Given);
}

function driverFor(options: MysqlPoolOptions, orphaned: (core: MysqlCore) => void): Driver<MysqlConnection> {
  const { connection, target = 'any', resetLevel = 'session', validationQuery, onConnect } = options;
  const credentials = new Credentials(connection, options.unsealer ?? unsealerFromEnvironment(process.env));
  return createMysqlDriver<MysqlConnection>({
    ways: () => credentials.ways(),
    lend: (core) => core.promise(),
    coreOf,
    setUp: (lent) => onConnect?.(lent),
    secrets: () => credentials.secrets(),
    orphaned,
    server: serverOf(configOf(connection)),
    target,
    resetLevel,
    validationQuery,
    idleKeepsProcess: 'never',
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
  });
}

function serverOf({ socketPath, hosts, database, ...single }: MysqlConnectionConfig): ServerAddress | undefined {
  const [first] = hosts ?? [];
  const { host = 'localhost', port = 3306 } = { ...single, ...first };
  const namespace = database === undefined || isSealed(database) ? {} : { namespace: database };
  if (socketPath !== undefined) return isSealed(socketPath) ? undefined : { address: socketPath, ...namespace };
  return isSealed(host) ? undefined : { address: host, port: Number(port), ...namespace };
}

function nameFor(server: ServerAddress | undefined): string {
  return server?.namespace ?? server?.address ?? 'mysql';
}

function adoptPoolFaults(check: OptionCheck, options: PoolOptions<never>): void {
  try {
    parseSettings(options);
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    const known = new Set(check.faults.map(({ path }) => path));
    for (const { path, value, expected } of error.faults) if (!known.has(path)) check.fault(path, value, expected);
  }
}

function isRecord(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
