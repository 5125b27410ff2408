/**
 * Owns the judging of the facade's options: every fault of its own and of both pools in one error, and a plan of what is left.
 * It must never know what a setting does, nor open anything.
 */
import { basename, extname, resolve } from 'node:path';
import { checkValidationQuery, fixed, POOL_GROUPS, type PoolOptions, parseSettings } from '@cryo/pool-core';
import { InvalidOptionsError, OptionCheck, type OptionFault } from '@cryo/resilience';
import { createSqliteDriver } from './sqlite-driver.ts';
import { DatabaseFile } from './sqlite-file.ts';
import type { SqlitePoolOptions } from './sqlite-options.ts';
import type { SqliteConnection, SqliteMode } from './sqlite-types.ts';

/** What the options come to. */
export interface SqlitePlan {
  readonly file: DatabaseFile;
  readonly read: PoolOptions<SqliteConnection>;
  readonly write: PoolOptions<SqliteConnection>;
}

const SERVICES = new Set(['logger', 'clock', 'timers', 'random', 'capacity']);
const OWN = ['file', 'inline', 'name', 'fileMustExist', 'busyTimeoutMs', 'validationQuery', 'setup', 'wrapDriver'];
const KNOWN = [...OWN, ...POOL_GROUPS, 'read', 'write'];
const BUSY_TIMEOUT = { min: 0, max: 2_147_483_647, integer: true, unit: 'ms' };

/** Functions that read nothing but their arguments and the rows of the query. */
const VALIDATION_FUNCTIONS = [
  ...['abs', 'coalesce', 'count', 'ifnull', 'iif', 'length', 'lower', 'max', 'min', 'nullif', 'sqlite_version'],
  ...['sum', 'typeof', 'upper'],
];

type Given = Readonly<Record<string, unknown>>;

/**
 * Drivers and pool options from the options of the facade. Nothing is opened.
 *
 * @throws InvalidOptionsError listing every fault, those of both pools among them
 */
export function planSqlitePool(options: SqlitePoolOptions): SqlitePlan {
  const given = OptionCheck.pick(options, KNOWN);
  const check = new OptionCheck(
    typeof given.file === 'string' ? `createSqlitePool '${given.file}'` : 'createSqlitePool',
  );
  if (check.type('options', options, 'object')) {
    check.unknownKeys('', options, KNOWN);
    checkOwn(check, given);
  }
  const plan = draft(given as Partial<SqlitePoolOptions>);
  adoptPoolFaults(check, plan, given);
  check.throwIfFaulty();
  const { wrapDriver } = options;
  if (wrapDriver === undefined) return plan;
  const wrapped: SqlitePlan = {
    file: plan.file,
    read: { ...plan.read, driver: wrapDriver(plan.read.driver, 'read') },
    write: { ...plan.write, driver: wrapDriver(plan.write.driver, 'write') },
  };
  adoptPoolFaults(check, wrapped, given);
  check.throwIfFaulty();
  return wrapped;
}

function checkOwn(check: OptionCheck, given: Given): void {
  checkFile(check, given.file);
  if (given.inline !== true) {
    check.fault(
      'inline',
      given.inline,
      'true: handles are lent in this process, there are no worker threads to lend from',
    );
  }
  if (given.name !== undefined && (typeof given.name !== 'string' || given.name.trim() === '')) {
    check.fault('name', given.name, 'a string that is not empty');
  }
  if (given.fileMustExist !== undefined) check.type('fileMustExist', given.fileMustExist, 'boolean');
  if (given.busyTimeoutMs !== undefined) check.number('busyTimeoutMs', given.busyTimeoutMs, BUSY_TIMEOUT);
  if (given.validationQuery !== undefined) checkQuery(check, given.validationQuery);
  for (const hook of ['setup', 'wrapDriver']) {
    if (given[hook] !== undefined) check.type(hook, given[hook], 'function');
  }
  for (const mode of ['read', 'write'] as const) {
    const own = given[mode];
    if (own !== undefined && check.type(mode, own, 'object')) check.unknownKeys(mode, own as Given, POOL_GROUPS);
  }
  checkWriteSize(check, recordOf(given.write).size);
}

function checkFile(check: OptionCheck, file: unknown): void {
  if (!check.type('file', file, 'string')) return;
  const path = file as string;
  if (path.trim() === '' || path.trim() === ':memory:') {
    check.fault('file', file, 'the path of a file: a database in memory would be another one for each connection');
  } else if (path.startsWith('file:')) check.fault('file', file, 'a path, not a URI');
  else if (path !== path.trim()) check.fault('file', file, 'a path without white space around it');
  else if (path.includes('\0')) check.fault('file', file, 'a path without a zero byte');
}

function checkQuery(check: OptionCheck, query: unknown): void {
  const expected = checkValidationQuery(query, { functions: VALIDATION_FUNCTIONS });
  if (expected !== undefined) check.fault('validationQuery', query, expected);
}

function checkWriteSize(check: OptionCheck, size: unknown): void {
  if (size === undefined || !check.type('write.size', size, 'object')) return;
  const { min, max } = size as Given;
  check.unknownKeys('write.size', size as Given, ['min', 'max']);
  if (min !== undefined) check.number('write.size.min', min, { min: 0, max: 1, integer: true, unit: 'connections' });
  if (max !== undefined && max !== 1)
    check.fault('write.size.max', max, '1 connection: SQLite has one writer at a time');
}

/** Sound options give a sound plan; of others it serves only to find the faults of the pools. */
function draft(given: Partial<SqlitePoolOptions>): SqlitePlan {
  const { file: path, name, busyTimeoutMs = 5_000, fileMustExist = false, validationQuery = 'SELECT 1', setup } = given;
  const file = new DatabaseFile({ path: resolve(String(path)), busyTimeoutMs, fileMustExist });
  const prefix = typeof name === 'string' ? name : basename(file.path, extname(file.path));
  const forMode = (mode: SqliteMode): PoolOptions<SqliteConnection> => ({
    ...groupsOf(given, mode),
    size: mode === 'read' ? readSize(given) : writeSize(given),
    name: `${prefix}-${mode}`,
    driver: createSqliteDriver({ file, mode, validationQuery, setup }),
  });
  return { file, read: forMode('read'), write: forMode('write') };
}

/** Group by group, what is said for one pool over what is said for both. */
function groupsOf(given: Given, mode: SqliteMode): Given {
  const own = recordOf(given[mode]);
  const groups: Record<string, unknown> = {};
  for (const group of POOL_GROUPS) {
    const [shared, particular] = [given[group], own[group]];
    const value =
      isRecord(shared) && isRecord(particular) && !SERVICES.has(group)
        ? { ...shared, ...particular }
        : (particular ?? shared);
    if (value !== undefined) groups[group] = value;
  }
  return groups;
}

function readSize(given: Given): NonNullable<PoolOptions<SqliteConnection>['size']> {
  return { sizer: fixed(), ...recordOf(given.size), ...recordOf(recordOf(given.read).size) };
}

function writeSize(given: Given): NonNullable<PoolOptions<SqliteConnection>['size']> {
  const { min } = recordOf(recordOf(given.write).size);
  return { min: min === 0 ? 0 : 1, max: 1, absoluteMax: 1, sizer: fixed() };
}

/** Takes over what the pools find wrong, under the path where it was written, and once where both find it. */
function adoptPoolFaults(check: OptionCheck, plan: SqlitePlan, given: Given): void {
  const known = new Set(check.faults.map(({ path }) => path));
  for (const mode of ['read', 'write'] as const) {
    for (const { path, value, expected } of faultsOf(plan[mode])) {
      const written = isWritten(recordOf(given[mode]), path) ? `${mode}.${path}` : path;
      if (!known.has(written)) check.fault(written, value, expected);
      known.add(written);
    }
  }
}

function faultsOf(options: PoolOptions<SqliteConnection>): readonly OptionFault[] {
  try {
    parseSettings(options);
    return [];
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.faults;
    throw error;
  }
}

function isWritten(given: Given, path: string): boolean {
  const [group = '', key] = path.split('.');
  if (key === undefined || SERVICES.has(group) || !isRecord(given[group])) return Object.hasOwn(given, group);
  return Object.hasOwn(given[group], key);
}

function recordOf(value: unknown): Given {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Given {
  return typeof value === 'object' && value !== null;
}
