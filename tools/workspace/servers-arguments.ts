/**
 * Owns the words of `servers` on the command line.
 * It must never know how a server is started.
 */
export type ServerName = 'postgres' | 'mariadb';

const KNOWN: readonly ServerName[] = ['postgres', 'mariadb'];

/** Reads which servers are wanted, both when none is named. A string is what is wrong. */
export function readServerNames(given: readonly string[]): readonly ServerName[] | string {
  const unknown = given.filter((name) => !KNOWN.some((known) => known === name));
  if (unknown.length > 0) return `'${unknown.join(' ')}' is unknown (usage: pnpm servers [${KNOWN.join('] [')}])`;
  return KNOWN.filter((name) => given.length === 0 || given.includes(name));
}
