/**
 * Owns the words of `load` on the command line.
 * It must never know how anything is measured.
 */
import { parseArgs } from 'node:util';
import type { Database } from '../chaos/contender.ts';

export interface LoadArguments {
  readonly databases: readonly Database[];
  /** For each loop. */
  readonly seconds: number;
}

const DATABASES: readonly Database[] = ['postgres', 'mariadb'];
const MOST_SECONDS = 600;
const USAGE = 'usage: pnpm load [postgres|mariadb] [--seconds 8]';

/** Reads the flags. A string is what is wrong with them. */
export function readLoadArguments(given: readonly string[], ordinarySeconds: number): LoadArguments | string {
  const options = { seconds: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...given], options, strict: true, allowPositionals: true });
    const unknown = positionals.filter((name) => !DATABASES.some((database) => database === name));
    if (unknown.length > 0)
      throw new RangeError(`The database is '${unknown.join(' ')}', expected one of ${DATABASES.join(', ')}`);
    const databases = DATABASES.filter((name) => positionals.length === 0 || positionals.includes(name));
    return { databases, seconds: values.seconds === undefined ? ordinarySeconds : readSeconds(values.seconds) };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}

function readSeconds(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  throw new RangeError(`--seconds is '${text}', expected an integer from 1 to ${MOST_SECONDS}`);
}
