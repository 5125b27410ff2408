/**
 * Owns the flags of `pnpm soak`.
 * It must never know what a soak is.
 */
import { parseArgs } from 'node:util';

export interface SoakArguments {
  readonly minutes: number;
  readonly output: 'text' | 'json';
}

const USAGE = 'usage: pnpm soak [--minutes 3] [--json]';

/** Reads the flags. A string is what is wrong with them, in one line. */
export function readSoakArguments(given: readonly string[]): SoakArguments | string {
  const options = { minutes: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } as const;
  try {
    const { values } = parseArgs({ args: [...given], options, strict: true, allowPositionals: false });
    const minutes = /^\d+(\.\d+)?$/.test(values.minutes) ? Number(values.minutes) : Number.NaN;
    if (minutes > 0 && minutes <= 100_000) return { minutes, output: values.json ? 'json' : 'text' };
    return `--minutes is '${values.minutes}', expected a number above 0 and up to 100000 (${USAGE})`;
  } catch (error) {
    return `${error instanceof Error ? error.message.split('\n')[0] : String(error)} (${USAGE})`;
  }
}
