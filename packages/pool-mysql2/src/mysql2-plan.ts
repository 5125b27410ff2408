/**
 * Owns the judging of the options of `createMysqlPool`: every fault in one error, and the options of a pool from what is left.
 * It must never know what a setting does, nor open anything.
 */
import {
  checkValidationQuery,
  type Driver,
  isSealed,
  POOL_GROUPS,
  type PoolOptions,
  parseSettings,
  type ServerAddress,
  unsealerFromEnvironment,
} from '@cryo/pool-core';
import { InvalidOptionsError, OptionCheck, systemClock, systemTimers } from '@cryo/resilience';
import { configOf } from './mysql2-address.ts';
import { judgeConnection, throwIfUnreadable } from './mysql2-connection-rules.ts';
import { Credentials } from './mysql2-credentials.ts';
import { createMysqlDriver } from './mysql2-driver.ts';
import type { MysqlPoolOptions } from './mysql2-options.ts';
import { coreOf, type MysqlConnection, type MysqlConnectionConfig, type MysqlCore } from './mysql2-types.ts';

const OWN = ['connection', 'name', 'target', 'onConnect', 'resetLevel', 'validationQuery', 'unsealer', 'wrapDriver'];

/** Functions that read nothing but their arguments, the server's own state and the rows of the query. */
const VALIDATION_FUNCTIONS = [
  ...['abs', 'coalesce', 'count', 'if', 'ifnull', 'isnull', 'length', 'lower', 'max', 'min', 'nullif', 'sum', 'upper'],
  ...['database', 'version', 'connection_id', 'current_user', 'now'],
];

const KNOWN = [...OWN, ...POOL_GROUPS];

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
  const groups = Object.fromEntries(
    POOL_GROUPS.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]),
  );
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
  judgeConnection(check, given.connection);
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

function driverFor(options: MysqlPoolOptions, orphaned: (core: MysqlCore) => void): Driver<MysqlConnection> {
  const { connection, target = 'any', resetLevel = 'session', validationQuery, onConnect } = options;
  const credentials = new Credentials(connection, {
    unsealer: options.unsealer ?? unsealerFromEnvironment(process.env),
    judgeAddress: throwIfUnreadable,
  });
  return createMysqlDriver<MysqlConnection>({
    ways: () => credentials.ways(),
    lend: (core) => core.promise(),
    coreOf,
    setUp: (lent) => onConnect?.(lent),
    secrets: () => credentials.secrets(),
    orphaned,
    server: serverOf(connection),
    target,
    resetLevel,
    validationQuery,
    idleKeepsProcess: 'never',
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
  });
}

function serverOf(connection: string | MysqlConnectionConfig): ServerAddress | undefined {
  const { socketPath, hosts, database, ...single } = configOf(connection);
  const [first] = hosts ?? [];
  const { host, port = 3306 } = { ...single, ...first };
  const namespace = database === undefined || isSealed(database) ? {} : { namespace: database };
  if (socketPath !== undefined) return isSealed(socketPath) ? undefined : { address: socketPath, ...namespace };
  // In a sealed address there is one that is not known yet.
  if (
    isSealed(host) ||
    (host === undefined && isSealed(typeof connection === 'string' ? connection : connection.uri))
  ) {
    return undefined;
  }
  return { address: host ?? 'localhost', ...(isSealed(port) ? {} : { port: Number(port) }), ...namespace };
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
