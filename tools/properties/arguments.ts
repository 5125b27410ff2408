/**
 * Owns the flags of `pnpm properties`.
 * It must never know what a property is.
 */
import { parseArgs } from 'node:util';

export interface PropertyArguments {
  readonly runs: number;
  /** The folder of a package or an app; `undefined` for all. */
  readonly package: string | undefined;
  /** `undefined`: each property draws its own. */
  readonly seed: number | undefined;
  /** Words of the names of the tests to try; `undefined` for all. */
  readonly test: string | undefined;
}

const TEXT = { type: 'string' } as const;
const OPTIONS = { runs: TEXT, seed: TEXT, package: TEXT, test: TEXT };
const RUNS = 100_000;
const MOST_RUNS = 100_000_000;

const USAGE = 'usage: pnpm properties [--runs 100000] [--package <name>] [--test <words>] [--seed <drawn>]';

/** Reads the flags. A string is what is wrong with them, in one line. */
export function readArguments(given: readonly string[], packages: readonly string[]): PropertyArguments | string {
  try {
    const { values } = parseArgs({ args: [...given], options: OPTIONS, strict: true, allowPositionals: false });
    return {
      runs: readInteger('runs', values.runs, 1, MOST_RUNS) ?? RUNS,
      package: readPackage(values.package, packages),
      seed: readInteger('seed', values.seed, -(2 ** 31), 2 ** 31 - 1),
      test: values.test,
    };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}

function readInteger(flag: string, text: string | undefined, from: number, to: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new RangeError(`--${flag} is '${text}', expected an integer from ${from} to ${to}`);
}

function readPackage(name: string | undefined, packages: readonly string[]): string | undefined {
  if (name === undefined || packages.includes(name)) return name;
  throw new RangeError(`--package is '${name}', expected one of ${packages.join(', ')}`);
}
