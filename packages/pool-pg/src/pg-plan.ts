/**
 * Owns the judging of the pool's options: every fault of its own and of the core's in one error, and a plan of what is left.
 * It must never know what a setting does, nor connect anywhere.
 */
import {
  checkValidationQuery,
  type Driver,
  isSealed,
  POOL_GROUPS,
  type PoolOptions,
  parseSettings,
  unsealerFromEnvironment,
} from '@cryo/pool-core';
import { InvalidOptionsError, OptionCheck, systemClock, systemTimers } from '@cryo/resilience';
import pg from 'pg';
import { parseAddress } from './pg-address.ts';
import { createPgDriver } from './pg-driver.ts';
import type { PgPoolOptions } from './pg-options.ts';
import type { PgConnection, PgConnectionConfig } from './pg-types.ts';

/** What the options come to. */
export interface PgPlan {
  readonly driver: Driver<PgConnection>;
  readonly pool: PoolOptions<PgConnection>;
}

const OWN = [
  ...['connection', 'name', 'target', 'validationQuery', 'onConnect', 'resetLevel', 'unsealer', 'wrapDriver'],
];
const KNOWN = [...OWN, ...POOL_GROUPS];
const PORT = { min: 1, max: 65_535, integer: true, unit: '' };

/** Functions that read nothing but their arguments, the session and the rows of the query. */
const VALIDATION_FUNCTIONS = [
  ...['abs', 'coalesce', 'count', 'length', 'lower', 'max', 'min', 'nullif', 'sum', 'upper', 'version', 'now'],
  ...['pg_is_in_recovery', 'current_setting', 'current_database', 'pg_backend_pid'],
];

type Given = Readonly<Record<string, unknown>>;

/**
 * A driver and pool options from the options of the adapter. Nothing is opened.
 *
 * @throws InvalidOptionsError listing every fault, those of the core's settings among them
 */
export function planPgPool(options: PgPoolOptions): PgPlan {
  const given = OptionCheck.pick(options, KNOWN);
  const check = new OptionCheck(typeof given.name === 'string' ? `createPgPool '${given.name}'` : 'createPgPool');
  if (check.type('options', options, 'object')) {
    check.unknownKeys('', options, KNOWN);
    checkOwn(check, given);
  }
  adoptCoreFaults(check, given);
  check.throwIfFaulty();
  const driver = driverOf(options);
  return { driver, pool: { ...groupsOf(given), name: nameOf(options), driver } };
}

function checkOwn(check: OptionCheck, given: Given): void {
  checkReadable(check, 'connection', () => checkConnection(check, given.connection));
  if (given.name !== undefined && (typeof given.name !== 'string' || given.name.trim() === '')) {
    check.fault('name', given.name, 'a string that is not empty');
  }
  if (given.target !== undefined) check.oneOf('target', given.target, ['primary', 'standby', 'any']);
  if (given.resetLevel !== undefined) {
    check.oneOf('resetLevel', given.resetLevel, ['transaction', 'session', 'everything']);
  }
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
  if (!isRecord(connection) || Array.isArray(connection) || connection instanceof URL) {
    const given = connection instanceof URL ? 'a URL' : connection;
    return check.fault('connection', given, "a connection string, or pg's configuration");
  }
  const { connectionString, hosts, password, port } = connection;
  if (typeof connectionString === 'string') checkAddress(check, 'connection.connectionString', connectionString);
  else if (connectionString !== undefined) check.fault('connection.connectionString', '(not shown)', 'a string');
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function') {
    check.fault('connection.password', '(not shown)', 'a string, or a function that answers one');
  }
  for (const name of ['host', 'user', 'database']) {
    const text = connection[name];
    if (text !== undefined && text !== null) check.type(`connection.${name}`, text, 'string');
  }
  if (port !== undefined && !isSealed(port)) check.number('connection.port', port, PORT);
  if (hosts !== undefined) checkHosts(check, hosts);
}

/** Sealed, it is read at dial time. What it holds is never shown: the wrong part may be the password. */
function checkAddress(check: OptionCheck, path: string, text: string): void {
  if (text.trim() === '') return check.fault(path, text, "a connection string such as 'postgres://user@host/database'");
  if (isSealed(text)) return;
  const address = parseAddress(text);
  if ('part' in address) check.fault(`${path} (${address.part})`, '(not shown)', address.expected);
}

function checkHosts(check: OptionCheck, hosts: unknown): void {
  if (!Array.isArray(hosts) || hosts.length === 0)
    return check.fault('connection.hosts', hosts, 'at least one { host, port }');
  for (const [index, one] of hosts.entries()) {
    const path = `connection.hosts.${index}`;
    if (!check.type(path, one, 'object')) continue;
    if (typeof one.host !== 'string' || one.host === '') check.fault(`${path}.host`, one.host, 'a name or an address');
    if (one.port !== undefined && !isSealed(one.port)) check.number(`${path}.port`, one.port, PORT);
  }
}

/** Takes over what the core finds wrong with its own groups. */
function adoptCoreFaults(check: OptionCheck, given: Given): void {
  const driver: Driver<PgConnection> = {
    name: 'postgresql',
    open: () => Promise.reject(),
    check: () => Promise.reject(),
    close: () => Promise.reject(),
    destroy() {},
  };
  try {
    parseSettings({ ...groupsOf(given), name: 'draft', driver });
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    for (const { path, value, expected } of error.faults) check.fault(path, value, expected);
  }
}

function driverOf(options: PgPoolOptions): Driver<PgConnection> {
  const { connection, onConnect, validationQuery, resetLevel = 'transaction', unsealer, wrapDriver } = options;
  const driver = createPgDriver({
    connection,
    Client: pg.Client,
    target: options.target,
    resetLevel,
    validationQuery,
    onConnect,
    unsealer: unsealer ?? unsealerFromEnvironment(process.env),
    defaults: { keepAlive: true, fallback_application_name: nameOf(options) },
    idleKeepsProcess: 'never',
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
  });
  return wrapDriver === undefined ? driver : wrapDriver(driver);
}

function nameOf({ name, connection }: PgPoolOptions): string {
  if (name !== undefined) return name;
  const own = typeof connection === 'string' ? undefined : connection.database;
  const database = readable(connection)?.database ?? own ?? process.env.PGDATABASE;
  return database === undefined || database === '' || isSealed(database) ? 'postgres' : database;
}

function readable(
  connection: string | PgConnectionConfig,
): Extract<ReturnType<typeof parseAddress>, { hosts: unknown }> | undefined {
  const text = typeof connection === 'string' ? connection : connection.connectionString;
  const address = text === undefined || isSealed(text) ? undefined : parseAddress(text);
  return address !== undefined && 'hosts' in address ? address : undefined;
}

function groupsOf(given: Given): Given {
  return Object.fromEntries(
    POOL_GROUPS.filter((group) => given[group] !== undefined).map((group) => [group, given[group]]),
  );
}

function isRecord(value: unknown): value is Given {
  return typeof value === 'object' && value !== null;
}
