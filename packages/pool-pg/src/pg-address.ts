/**
 * Owns connection strings: their parts, several hosts among them, and the naming of the part that is wrong.
 * It must never show a part, since any of them may be a password in the wrong place, nor connect anywhere.
 */
import type { PgHost, PgTarget } from './pg-types.ts';

/** What a connection string comes to. */
export interface PgAddress {
  readonly hosts: readonly PgHost[];
  readonly database: string | undefined;
  readonly password: string | undefined;
  /** From `target_session_attrs`, which libpq has too. */
  readonly target: PgTarget | undefined;
  /** The same string with one host, as pg reads it. */
  stringFor(host: PgHost | undefined): string;
}

/** A part that can't be read, and what it should be. */
export interface AddressFault {
  readonly part: string;
  readonly expected: string;
}

const SCHEME = /^postgres(?:ql)?:\/\//i;
const PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*)(\/[^?#]*)?(\?[^#]*)?$/i;
const HOST = /^(\[[0-9a-f:.%]+\]|[^[\]:@\s]*)(?::([^:]*))?$/i;

/** libpq's names (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS). */
const TARGETS: Readonly<Record<string, PgTarget>> = {
  any: 'any',
  primary: 'primary',
  'read-write': 'primary',
  standby: 'standby',
};

/** The parts of `postgres://user:password@host:port,host:port/database?parameters`, or what is wrong with the first bad one. */
export function parseAddress(text: string): PgAddress | AddressFault {
  if (!SCHEME.test(text)) return fault('scheme', "'postgres://' or 'postgresql://' at the beginning");
  const [, scheme = '', authority = '', path = '', search = ''] = PARTS.exec(text) ?? [];
  if (scheme === '') return fault('password', "'#' written as %23: there is no fragment in a connection string");
  const at = authority.lastIndexOf('@');
  if (at === -1 && `${path}${search}`.includes('@') && authority.includes(':')) {
    return fault('password', "'/', '?' and '#' in user and password written as %2F, %3F and %23");
  }
  const login = at === -1 ? '' : authority.slice(0, at);
  const colon = login.indexOf(':');
  const password = decoded(colon === -1 ? '' : login.slice(colon + 1));
  if (password === undefined) return fault('password', "'%' written as %25, or followed by two hexadecimal digits");
  if (decoded(login.slice(0, colon === -1 ? undefined : colon)) === undefined) {
    return fault('user', "'%' written as %25, or followed by two hexadecimal digits");
  }
  const hosts = parseHosts(authority.slice(at + 1));
  if ('part' in hosts) return hosts;
  const database = decoded(path.slice(1));
  if (database === undefined) return fault('database', "'%' written as %25, or followed by two hexadecimal digits");
  return withParameters({ hosts, password, database, search, head: scheme + authority.slice(0, at + 1), path });
}

interface Parts {
  readonly hosts: readonly PgHost[];
  readonly password: string;
  readonly database: string;
  readonly search: string;
  readonly head: string;
  readonly path: string;
}

function withParameters(parts: Parts): PgAddress | AddressFault {
  const { hosts, password, database, search, head, path } = parts;
  const parameters = new URLSearchParams(search);
  const wanted = parameters.get('target_session_attrs');
  if (wanted !== null && TARGETS[wanted] === undefined) {
    return fault('target_session_attrs', `one of ${Object.keys(TARGETS).join(', ')}`);
  }
  const named = namedHosts(parameters);
  if (named !== undefined && 'part' in named) return named;
  const read = ['target_session_attrs', ...(named === undefined ? [] : ['host', 'port'])];
  const rest = search
    .slice(1)
    .split('&')
    .filter((one) => one !== '' && !read.some((name) => one.startsWith(`${name}=`)));
  const tail = `${path}${rest.length > 0 ? `?${rest.join('&')}` : ''}`;
  return {
    hosts: named ?? hosts,
    database: database === '' ? undefined : database,
    password: password === '' ? (parameters.get('password') ?? undefined) : password,
    target: wanted === null ? undefined : TARGETS[wanted],
    stringFor: (host) => `${head}${host === undefined ? '' : written(host)}${tail}`,
  };
}

/** `host` and `port` as parameters, where libpq has lists too: one port for each host, or one for all. */
function namedHosts(parameters: URLSearchParams): readonly PgHost[] | AddressFault | undefined {
  const names = (parameters.get('host') ?? '').split(',');
  if (names.length === 1 && names[0] === '') return undefined;
  const given = parameters.get('port') ?? '';
  const ports = given === '' ? [] : given.split(',');
  const several = names.length > 1;
  if (ports.length > 1 && ports.length !== names.length) return fault('port', 'one for each host, or one for all');
  const hosts: PgHost[] = [];
  for (const [index, host] of names.entries()) {
    const which = several ? ` ${index + 1}` : '';
    if (host === '') return fault(`host${which}`, 'a name, an address, or the folder of a Unix socket');
    const port = ports.length > 1 ? ports[index] : ports[0];
    if (port !== undefined && !isPort(port)) return fault(`port${which}`, 'an integer from 1 to 65535');
    hosts.push({ host, ...(port === undefined ? {} : { port: Number(port) }) });
  }
  return hosts;
}

function parseHosts(text: string): readonly PgHost[] | AddressFault {
  if (text === '') return [];
  const hosts: PgHost[] = [];
  const several = text.includes(',');
  for (const [index, one] of text.split(',').entries()) {
    const which = several ? ` ${index + 1}` : '';
    const [whole, written = '', port] = HOST.exec(one) ?? [];
    const host = decoded(written);
    if (whole === undefined || host === undefined || (host === '' && several)) {
      return fault(`host${which}`, 'a name, an IPv4 address, or an IPv6 address in brackets');
    }
    if (port !== undefined && !isPort(port)) return fault(`port${which}`, 'an integer from 1 to 65535');
    hosts.push({ host: host.replace(/^\[(.+)\]$/, '$1'), ...(port === undefined ? {} : { port: Number(port) }) });
  }
  return hosts;
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** A host with its port, as people write it. */
export function shown(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function written({ host, port }: PgHost): string {
  const name = host.includes(':') ? `[${host}]` : encodeURIComponent(host);
  return port === undefined ? name : `${name}:${port}`;
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
