/**
 * Owns the flags of `pnpm simulate`.
 * It must never know what a simulation is.
 */
import { parseArgs } from 'node:util';

export interface SimulateArguments {
  readonly runs: number;
  readonly seed: number;
  readonly steps: number;
}

/** What a flag must be, and what it is when it is not given. The seed is drawn then. */
const FLAGS = {
  runs: { from: 1, to: 100_000_000, initial: 1_000 },
  seed: { from: 0, to: 2 ** 31, initial: undefined },
  steps: { from: 1, to: 1_000_000, initial: 200 },
} as const;

export const USAGE = 'usage: pnpm simulate [--runs 1000] [--seed <drawn>] [--steps 200]';

/** Reads the flags. A string is what is wrong with them, in one line. */
export function readArguments(given: readonly string[], drawSeed: () => number): SimulateArguments | string {
  const options = { runs: { type: 'string' }, seed: { type: 'string' }, steps: { type: 'string' } } as const;
  try {
    const { values } = parseArgs({ args: [...given], options, strict: true, allowPositionals: false });
    return {
      runs: readNumber('runs', values.runs) ?? FLAGS.runs.initial,
      seed: readNumber('seed', values.seed) ?? drawSeed(),
      steps: readNumber('steps', values.steps) ?? FLAGS.steps.initial,
    };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}

function readNumber(flag: keyof typeof FLAGS, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { from, to } = FLAGS[flag];
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new RangeError(`--${flag} is '${text}', expected an integer from ${from} to ${to}`);
}
