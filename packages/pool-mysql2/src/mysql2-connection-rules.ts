/**
 * Owns the judging of what a pool connects to: the address, or the options of mysql2, before they are used.
 * It must never know the other options of a pool, nor connect anywhere.
 */
import { isSealed } from '@cryo/pool-core';
import { OptionCheck } from '@cryo/resilience';
import * as mysql2 from 'mysql2';
import { configOf, isFault, parseAddress } from './mysql2-address.ts';
import { withOwnTls } from './mysql2-credentials.ts';
import type { MysqlConnectionConfig } from './mysql2-types.ts';

/** What mysql2's own pools are told, and where it is said here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  connectionLimit: 'size.max',
  queueLimit: 'acquire.queueLimit',
  waitForConnections: 'acquire.queueLimit',
  maxIdle: 'size.min',
  idleTimeout: 'retirement.idleTimeoutMs',
  resetOnRelease: 'resetLevel',
};

const PORT = { min: 1, max: 65_535, integer: true, unit: '' };

type Given = Readonly<Record<string, unknown>>;

/** What throws when it is looked at is a fault too. */
export function judgeConnection(check: OptionCheck, connection: unknown): void {
  try {
    checkConnection(check, connection);
  } catch {
    check.fault('connection', '(not shown)', 'what can be read');
  }
}

/** What was sealed is judged when it is opened. */
export function throwIfUnreadable(text: string): void {
  const check = new OptionCheck('createMysqlPool');
  checkAddress(check, 'connection', text);
  check.throwIfFaulty();
}

function checkConnection(check: OptionCheck, connection: unknown): void {
  if (typeof connection === 'string') return checkAddress(check, 'connection', connection);
  if (!isRecord(connection)) {
    return check.fault('connection', connection, "a string such as 'mysql://user@host/database', or an object");
  }
  const { uri, port, password, hosts, socketPath } = connection;
  if (uri !== undefined && check.type('connection.uri', uri, 'string'))
    checkAddress(check, 'connection.uri', uri as string);
  if (
    socketPath !== undefined &&
    hosts === undefined &&
    configOf(connection as MysqlConnectionConfig).hosts !== undefined
  ) {
    check.fault('connection.socketPath', socketPath, 'nothing beside several hosts');
  }
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
    if (typeof one.host !== 'string' || one.host === '') check.fault(`${path}.host`, one.host, 'a name or an address');
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

function isRecord(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
