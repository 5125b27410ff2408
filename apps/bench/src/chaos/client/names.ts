/**
 * Owns the name under which the server is known in this process, and whether it can be resolved.
 * It must never know what listens there.
 */
import dns from 'node:dns';

export const SERVER_NAME = 'database.cryo.test';

type Told = (error: Error | null, address?: unknown, family?: number) => void;

export interface Names {
  are: 'known' | 'unknown';
}

/**
 * Stands before `dns.lookup`, which every dial by name asks: the resolver of the system can't be made to forget a name
 * without root's own files.
 */
export function ownName(): Names {
  const names: Names = { are: 'known' };
  const { lookup } = dns;
  const own = (name: string, given: unknown, last?: Told): void => {
    if (name !== SERVER_NAME)
      return Reflect.apply(lookup, dns, last === undefined ? [name, given] : [name, given, last]);
    const told = last ?? (given as Told);
    const wantsAll = typeof given === 'object' && given !== null && 'all' in given && given.all === true;
    setImmediate(() => {
      if (names.are === 'unknown') told(unknownName(name));
      else if (wantsAll) told(null, [{ address: '127.0.0.1', family: 4 }]);
      else told(null, '127.0.0.1', 4);
    });
  };
  Object.assign(dns, { lookup: own });
  return names;
}

/** As the system has it for a name that does not exist. */
function unknownName(hostname: string): Error {
  const details = { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname };
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), details);
}
