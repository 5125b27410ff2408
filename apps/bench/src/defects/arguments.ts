/**
 * Owns the words of the command line.
 * It must never know how a case runs.
 */
import { parseArgs } from 'node:util';

export interface Arguments {
  readonly only: string | undefined;
  readonly json: boolean;
}

const USAGE = 'usage: pnpm defects [--case <name>] [--json]';

/** Reads the flags. A string is what is wrong with them. */
export function readArguments(given: readonly string[], cases: readonly string[]): Arguments | string {
  const options = { case: { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ args: [...given], options, strict: true, allowPositionals: false });
    const only = values.case;
    if (only === undefined || cases.includes(only)) return { only, json: values.json ?? false };
    return `--case is '${only}', expected one of ${cases.join(', ')} (${USAGE})`;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}
