/**
 * Owns the flags of `pnpm simulate`.
 * It must never know what a simulation is.
 */
import { parseArgs } from 'node:util';

export interface SimulateArguments {
  readonly runs: number;
  readonly seed: number;
  readonly steps: number;
  /** How many processes share the work. */
  readonly processes: number;
  /** No new share begins after so many minutes. */
  readonly minutes: number;
  /** The only steps that happen; all when `undefined`. */
  readonly only: readonly number[] | undefined;
}

/** What a flag must be, and what it is when it is not given. The seed is drawn then; with minutes alone runs are not bounded. */
const FLAGS = {
  runs: { from: 1, to: 100_000_000, initial: 1_000 },
  'from-seed': { from: 0, to: 2 ** 31, initial: undefined },
  seed: { from: 0, to: 2 ** 31, initial: undefined },
  steps: { from: 1, to: 1_000_000, initial: 200 },
  processes: { from: 1, to: 64, initial: 1 },
  minutes: { from: 1, to: 10_000, initial: Number.POSITIVE_INFINITY },
} as const;

type Flag = keyof typeof FLAGS;

export const USAGE =
  'usage: pnpm simulate [--runs 1000] [--from-seed <drawn>] [--steps 200] [--processes 1] [--minutes <no limit>] [--only 3,14,15]';

/** Reads the flags; `--seed` is another name for `--from-seed`. A string is what is wrong with them, in one line. */
export function readArguments(given: readonly string[], drawSeed: () => number): SimulateArguments | string {
  const text = { type: 'string' } as const;
  const options = {
    runs: text,
    'from-seed': text,
    seed: text,
    steps: text,
    processes: text,
    minutes: text,
    only: text,
  };
  try {
    const { values } = parseArgs({ args: [...given], options, strict: true, allowPositionals: false });
    const read = (flag: Flag): number | undefined => readNumber(flag, values[flag]);
    const minutes = read('minutes');
    return {
      runs: read('runs') ?? (minutes === undefined ? FLAGS.runs.initial : FLAGS.runs.to),
      seed: read('from-seed') ?? read('seed') ?? drawSeed(),
      steps: read('steps') ?? FLAGS.steps.initial,
      processes: read('processes') ?? FLAGS.processes.initial,
      minutes: minutes ?? FLAGS.minutes.initial,
      only: readSteps(values.only),
    };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `${reason} (${USAGE})`;
  }
}

function readNumber(flag: Flag, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { from, to } = FLAGS[flag];
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new RangeError(`--${flag} is '${text}', expected an integer from ${from} to ${to}`);
}

function readSteps(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(,\d+)*$/.test(text)) throw new RangeError(`--only is '${text}', expected numbers of steps: 3,14,15`);
  return text.split(',').map(Number);
}
