/**
 * Owns the words of the command line.
 * It must never know how anything is measured.
 */
import { parseArgs } from 'node:util';

export interface Arguments {
  readonly area: string;
  readonly rounds: number;
  /** Undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly json: boolean;
}

/** What can be asked for: each area with the names of its scenarios. */
export type Areas = Readonly<Record<string, readonly string[]>>;

/** Fewer rounds than this give no median to speak of. */
export const FEWEST_ROUNDS = 31;
const MOST_ROUNDS = 100_000;

const USAGE = `usage: pnpm bench <area> [--rounds ${FEWEST_ROUNDS}] [--only <scenario,…>] [--json]`;

/** Reads the flags. A string is what is wrong with them. */
export function readArguments(given: readonly string[], areas: Areas): Arguments | string {
  const options = { rounds: { type: 'string' }, only: { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...given], options, strict: true, allowPositionals: true });
    const area = readArea(positionals, areas);
    const only = values.only === undefined ? undefined : readScenarios(values.only, areas[area] ?? []);
    return { area, only, rounds: readRounds(values.rounds), json: values.json ?? false };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}

function readArea([area, ...others]: readonly string[], areas: Areas): string {
  const known = Object.keys(areas).join(', ');
  if (area === undefined) throw new RangeError(`No area was given, expected one of ${known}`);
  if (others.length > 0) throw new RangeError(`'${others.join(' ')}' is too much, one area at a time`);
  if (Object.hasOwn(areas, area)) return area;
  throw new RangeError(`The area is '${area}', expected one of ${known}`);
}

function readScenarios(text: string, known: readonly string[]): readonly string[] {
  const names = text.split(',');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  throw new RangeError(`--only has '${unknown.join(', ')}', expected some of ${known.join(', ')}`);
}

function readRounds(text: string | undefined): number {
  if (text === undefined) return FEWEST_ROUNDS;
  const rounds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (rounds >= 1 && rounds <= MOST_ROUNDS) return rounds;
  throw new RangeError(`--rounds is '${text}', expected an integer from 1 to ${MOST_ROUNDS}`);
}
