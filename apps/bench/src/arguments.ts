/**
 * Owns the words of the command line.
 * It must never know how anything is measured.
 */
import { parseArgs } from 'node:util';

export interface Arguments {
  readonly area: string;
  readonly rounds: number;
  readonly scenario: string | undefined;
  readonly json: boolean;
}

/** What can be asked for: each area with the names of its scenarios. */
export type Areas = Readonly<Record<string, readonly string[]>>;

/** Fewer rounds than this give no median to speak of. */
export const FEWEST_ROUNDS = 31;
const MOST_ROUNDS = 100_000;

const USAGE = `usage: pnpm bench <area> [--rounds ${FEWEST_ROUNDS}] [--scenario <name>] [--json]`;

/** Reads the flags. A string is what is wrong with them. */
export function readArguments(given: readonly string[], areas: Areas): Arguments | string {
  const options = { rounds: { type: 'string' }, scenario: { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...given], options, strict: true, allowPositionals: true });
    const area = readArea(positionals, areas);
    const scenario = values.scenario === undefined ? undefined : readScenario(values.scenario, areas[area] ?? []);
    return { area, scenario, rounds: readRounds(values.rounds), json: values.json ?? false };
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

function readScenario(name: string, known: readonly string[]): string {
  if (known.includes(name)) return name;
  throw new RangeError(`--scenario is '${name}', expected one of ${known.join(', ')}`);
}

function readRounds(text: string | undefined): number {
  if (text === undefined) return FEWEST_ROUNDS;
  const rounds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (rounds >= 1 && rounds <= MOST_ROUNDS) return rounds;
  throw new RangeError(`--rounds is '${text}', expected an integer from 1 to ${MOST_ROUNDS}`);
}
