/**
 * Owns connection strings: their parts, and the naming of the part that is wrong.
 * It must never show a part, since any of them may be a password in the wrong place, nor connect anywhere.
 */
import type { MysqlConnectionConfig, MysqlHost } from './mysql2-types.ts';

/** A part that can't be read, and what it should be. */
export interface AddressFault {
  readonly part: string;
  readonly expected: string;
}

const SCHEME = /^(?:mysql|mysql2|mariadb):\/\//i;
const PARTS = /^[a-z0-9]+:\/\/([^/?#]*)(\/[^?#]*)?(\?[^#]*)?$/i;
const HOST = /^(\[[0-9a-f:.%]+\]|[^[\]:@\s]*)(?::([^:]*))?$/i;
const ENCODED = "'%' written as %25, or followed by two hexadecimal digits";

/**
 * `mysql://user:password@host:port/database?option=value` as a configuration, in mysql2's own reading: the value of an option
 * may be JSON. Or what is wrong with the first part that can't be read.
 */
export function parseAddress(text: string): MysqlConnectionConfig | AddressFault {
  if (!SCHEME.test(text)) return fault('scheme', "'mysql://' at the beginning");
  const parts = PARTS.exec(text);
  if (parts === null) return fault('password', "'#' written as %23: there is no fragment in a connection string");
  const [, authority = '', path = '', search = ''] = parts;
  const at = authority.lastIndexOf('@');
  if (at === -1 && `${path}${search}`.includes('@') && authority.includes(':')) {
    return fault('password', "'/', '?' and '#' in user and password written as %2F, %3F and %23");
  }
  const login = at === -1 ? '' : authority.slice(0, at);
  const colon = login.indexOf(':');
  const user = decoded(colon === -1 ? login : login.slice(0, colon));
  if (user === undefined) return fault('user', ENCODED);
  const password = decoded(colon === -1 ? '' : login.slice(colon + 1));
  if (password === undefined) return fault('password', ENCODED);
  const hosts = parseHosts(authority.slice(at + 1).split(','));
  if ('part' in hosts) return hosts;
  const [first] = hosts;
  const database = decoded(path.slice(1));
  if (database === undefined) return fault('database', ENCODED);
  const options = optionsOf(search);
  if ('hosts' in options) return fault('hosts', "before the database, as in 'mysql://one,two:3307/database'");
  if (hosts.length > 1 && 'socketPath' in options) return fault('socketPath', 'nothing beside several hosts');
  return {
    ...options,
    ...(hosts.length > 1 ? { hosts } : first),
    ...(user === '' ? {} : { user }),
    ...(password === '' ? {} : { password }),
    ...(database === '' ? {} : { database }),
  };
}

/** One host, with its port where that is given, or several. */
function parseHosts(texts: readonly string[]): readonly MysqlHost[] | AddressFault {
  const hosts: MysqlHost[] = [];
  for (const text of texts) {
    const [whole, written = '', port] = HOST.exec(text) ?? [];
    const host = decoded(written);
    if (whole === undefined || host === undefined || (host === '' && texts.length > 1)) {
      return fault('host', 'a name, an IPv4 address, or an IPv6 address in brackets');
    }
    if (port !== undefined && !isPort(port)) return fault('port', 'an integer from 1 to 65535');
    const bare = host === '' ? 'localhost' : host.replace(/^\[(.+)\]$/, '$1');
    hosts.push({ host: bare, ...(port === undefined ? {} : { port: Number(port) }) });
  }
  return hosts;
}

/** A host with its port, as people write it. */
export function shown(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether an address could not be read. */
export function isFault(address: MysqlConnectionConfig | AddressFault): address is AddressFault {
  return 'part' in address;
}

/** The string, or the object, as an object; a string that can't be read gives nothing. */
export function configOf(connection: string | MysqlConnectionConfig): MysqlConnectionConfig {
  const { uri, ...own } = typeof connection === 'string' ? { uri: connection } : connection;
  if (uri === undefined) return own;
  const address = parseAddress(uri);
  if (isFault(address)) return own;
  const { hosts, ...single } = address;
  return hosts === undefined || own.host !== undefined ? { ...single, ...own } : { ...single, hosts, ...own };
}

function optionsOf(search: string): Record<string, unknown> {
  return Object.fromEntries([...new URLSearchParams(search)].map(([key, value]) => [key, parsed(value)]));
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function fault(part: string, expected: string): AddressFault {
  return { part, expected };
}
