/**
 * Owns the words of the command line.
 * It must never know how a case runs.
 */
import { parseArgs } from 'node:util';

export interface Arguments<SuiteName extends string> {
  readonly suites: readonly SuiteName[];
  readonly only: string | undefined;
  readonly json: boolean;
}

const USAGE = 'usage: pnpm defects [<suite>] [--case <name>] [--json]';

/** Reads the flags. A string is what is wrong with them. `suites` names the cases of each; without a suite it is all of them. */
export function readArguments<SuiteName extends string>(
  given: readonly string[],
  suites: Readonly<Record<SuiteName, readonly string[]>>,
): Arguments<SuiteName> | string {
  const options = { case: { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...given], options, strict: true, allowPositionals: true });
    const only = values.case;
    const asked = readSuites(positionals, Object.keys(suites) as SuiteName[]);
    const matching = asked.filter((name) => only === undefined || suites[name].includes(only));
    if (matching.length > 0) return { suites: matching, only, json: values.json ?? false };
    const known = asked.flatMap((name) => suites[name]).join(', ');
    return `--case is '${only}', expected one of ${known} (${USAGE})`;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}

function readSuites<SuiteName extends string>(
  [given, ...others]: readonly string[],
  known: readonly SuiteName[],
): readonly SuiteName[] {
  if (given === undefined) return known;
  if (others.length > 0) throw new RangeError(`'${others.join(' ')}' is too much, one suite at a time`);
  const found = known.filter((name) => name === given);
  if (found.length > 0) return found;
  throw new RangeError(`The suite is '${given}', expected one of ${known.join(', ')}`);
}
