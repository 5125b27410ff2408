/**
 * Owns the words of `chaos` on the command line.
 * It must never know how a trial is run.
 */
import { parseArgs } from 'node:util';
import type { Database } from './contender.ts';
import { contenderNamed, contendersFor } from './contenders.ts';
import { faultNamed } from './faults.ts';
import { FULL_SCHEDULE } from './trial.ts';

export interface Arguments {
  readonly databases: readonly Database[];
  /** Undefined: all. */
  readonly faults: readonly string[] | undefined;
  /** Undefined: all of the database. */
  readonly contenders: readonly string[] | undefined;
  readonly windowMs: number;
  readonly json: boolean;
}

const DATABASES: readonly Database[] = ['postgres', 'mariadb'];
const FEWEST_SECONDS = 6;
const MOST_SECONDS = 600;
const USAGE = 'usage: pnpm chaos [postgres|mariadb] [--fault <name,…>] [--contender <name,…>] [--seconds 12] [--json]';

/** Reads the flags. A string is what is wrong with them. */
export function readArguments(given: readonly string[]): Arguments | string {
  const text = { type: 'string' } as const;
  const options = { fault: text, contender: text, seconds: text, json: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...given], options, strict: true, allowPositionals: true });
    const databases = readDatabases(positionals);
    return {
      databases,
      faults: values.fault?.split(',').map((name) => faultNamed(name).name),
      contenders: readContenders(values.contender, databases),
      windowMs: readSeconds(values.seconds) * 1_000,
      json: values.json ?? false,
    };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}

function readDatabases([asked, ...others]: readonly string[]): readonly Database[] {
  if (others.length > 0) throw new RangeError(`'${others.join(' ')}' is too much, one database or none`);
  const known = DATABASES.filter((database) => asked === undefined || database === asked);
  if (known.length > 0) return known;
  throw new RangeError(`The database is '${asked}', expected one of ${DATABASES.join(', ')}`);
}

/** Asked of both databases, a contender has to be known to one of them. */
function readContenders(given: string | undefined, databases: readonly Database[]): readonly string[] | undefined {
  const [first] = databases;
  return given?.split(',').map((name) => {
    const isKnown = databases.some((database) => contendersFor(database).some((kind) => kind.name === name));
    return isKnown || first === undefined ? name : contenderNamed(first, name).name;
  });
}

function readSeconds(text: string | undefined): number {
  if (text === undefined) return FULL_SCHEDULE.windowMs / 1_000;
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= FEWEST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw new RangeError(`--seconds is '${text}', expected an integer from ${FEWEST_SECONDS} to ${MOST_SECONDS}`);
}
