/**
 * Owns the flags of `pnpm soak`.
 * It must never know what a soak is.
 */
import { parseArgs } from 'node:util';

/** What the pool is soaked on: our simulated driver, or a throwaway server. */
export type SoakedDatabase = 'simulated' | 'postgres' | 'mysql';

export interface SoakArguments {
  readonly minutes: number;
  readonly database: SoakedDatabase;
  readonly output: 'text' | 'json';
}

const DATABASES: readonly SoakedDatabase[] = ['simulated', 'postgres', 'mysql'];
const USAGE = `usage: pnpm soak [--minutes 3] [--database ${DATABASES.join('|')}] [--json]`;

/** Reads the flags. A string is what is wrong with them, in one line. */
export function readSoakArguments(given: readonly string[]): SoakArguments | string {
  const options = {
    minutes: { type: 'string', default: '3' },
    database: { type: 'string', default: 'simulated' },
    json: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ args: [...given], options, strict: true, allowPositionals: false });
    const minutes = /^\d+(\.\d+)?$/.test(values.minutes) ? Number(values.minutes) : Number.NaN;
    if (!(minutes > 0 && minutes <= 100_000))
      return `--minutes is '${values.minutes}', expected a number above 0 and up to 100000 (${USAGE})`;
    const database = DATABASES.find((name) => name === values.database);
    if (database === undefined)
      return `--database is '${values.database}', expected one of ${DATABASES.join(', ')} (${USAGE})`;
    return { minutes, database, output: values.json ? 'json' : 'text' };
  } catch (error) {
    return `${error instanceof Error ? error.message.split('\n')[0] : String(error)} (${USAGE})`;
  }
}
