/**
 * Owns the meaning of the command line: every flag with its range and its default, as one value.
 * It must never know how a run is done.
 */
import { fileURLToPath } from 'node:url';
import { type NumberRange, OptionCheck } from '@cryo/resilience';
import { type ChaosPlan, FAULTS, parseFaults, planChaos } from '../chaos/plan.ts';
import { DATABASES, type DatabaseKind } from '../data/database.ts';
import { DEFAULT_WORKERS, type LoadPlan, PROFILES } from '../load/profiles.ts';
import { BadInputError, describeFault } from './bad-input.ts';
import { type FlagKind, type Flags, numberOf, readFlags, textOf } from './flags.ts';
import { SETTING_FLAGS } from './settings.ts';

export interface Arguments {
  readonly host: string;
  readonly port: number;
  readonly database: DatabaseKind;
  /** The file of SQLite. */
  readonly file: string;
  /** Of a server; `undefined` for one of the demo's own. */
  readonly url: string | undefined;
  readonly output: 'human' | 'json';
  readonly serviceTimeMs: number;
  readonly load: LoadPlan;
  readonly chaos: ChaosPlan | undefined;
  /** The pool's settings that were given as flags: flag to text. */
  readonly settings: Readonly<Record<string, string>>;
}

const SWITCHES = ['help', 'json', 'open'];
const VALUES = [
  ...['host', 'port', 'database', 'file', 'url', 'seed', 'profile', 'workers', 'rate', 'duration', 'service-time'],
  ...['chaos', 'chaos-at', 'chaos-for'],
  ...SETTING_FLAGS.keys(),
];
const KNOWN: Readonly<Record<string, FlagKind>> = Object.fromEntries([
  ...SWITCHES.map((flag) => [flag, 'switch'] as const),
  ...VALUES.map((flag) => [flag, 'value'] as const),
]);

const DEFAULT_PORT = 4_100;
/** Where the data is when nobody says otherwise; git does not look there. */
export const DEFAULT_FILE = fileURLToPath(new URL('../../.data/cryoprotect.sqlite', import.meta.url));
const DEFAULT_SERVICE_TIME_MS = 8;
const DEFAULT_RATE_PER_SECOND = 400;
/** What a worker waits between an answer and its next request, on average. */
const THINK_MS = 30;
/** The same where nobody asked for a load of any kind. */
const GENTLE_THINK_MS = 150;
const GENTLE_WORKERS = 20;

/**
 * Reads the command line.
 *
 * @param env where `CRYO_DATABASE_URL` may name the server
 * @returns `'help'` when help was asked for
 * @throws BadInputError with a line for each flag that can't be used
 */
export function parseArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Arguments | 'help' {
  const { flags, complaints } = readFlags(argv, KNOWN);
  if (flags.help === true) return 'help';
  const input = new FlagReader(flags, complaints);
  const output = flags.json === true ? 'json' : 'human';
  const load = readLoad(input);
  const parsed: Arguments = {
    host: input.text('host') ?? '127.0.0.1',
    port:
      input.number('port', { min: 0, max: 65_535, integer: true, unit: '' }) ?? (output === 'json' ? 0 : DEFAULT_PORT),
    ...readPlace(input, env),
    file: input.text('file') ?? DEFAULT_FILE,
    output,
    serviceTimeMs: input.number('service-time', { min: 0, max: 10_000, unit: 'ms' }) ?? DEFAULT_SERVICE_TIME_MS,
    load,
    chaos: readChaos(input, load.durationMs),
    settings: Object.fromEntries(
      [...SETTING_FLAGS.keys()].flatMap((flag) => {
        const text = input.text(flag);
        return text === undefined ? [] : [[flag, text]];
      }),
    ),
  };
  if (complaints.length > 0) throw new BadInputError(complaints);
  return parsed;
}

/** Reads one flag at a time; a value out of range becomes a complaint and counts as not given. */
class FlagReader {
  readonly #flags: Flags;
  readonly #complaints: string[];

  constructor(flags: Flags, complaints: string[]) {
    this.#flags = flags;
    this.#complaints = complaints;
  }

  has(flag: string): boolean {
    return Object.hasOwn(this.#flags, flag);
  }

  text(flag: string): string | undefined {
    return textOf(this.#flags, flag);
  }

  number(flag: string, range: NumberRange): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    const value = numberOf(text);
    const check = new OptionCheck('demo');
    if (check.number(`--${flag}`, Number.isNaN(value) ? text : value, range)) return value;
    this.#complaints.push(...check.faults.map(describeFault));
    return undefined;
  }

  oneOf<Value extends string>(flag: string, values: readonly Value[]): Value | undefined {
    const text = this.text(flag);
    const found = values.find((value) => value === text);
    if (text !== undefined && found === undefined) this.complain(flag, text, `one of ${values.join(', ')}`);
    return found;
  }

  complain(flag: string, value: unknown, expected: string): void {
    this.#complaints.push(describeFault({ path: `--${flag}`, value, expected }));
  }

  refuse(line: string): void {
    this.#complaints.push(line);
  }

  /** The flag is given beside the other one, or not at all. */
  needs(flag: string, other: string): void {
    if (this.has(flag) && !this.has(other)) this.#complaints.push(`--${flag} needs --${other} beside it`);
  }
}

const URL_VARIABLE = 'CRYO_DATABASE_URL';

/** Which database a URL's scheme means. */
const SCHEMES: Readonly<Record<string, DatabaseKind>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
};

/** The database by its name, else by the URL's scheme; without either it is SQLite. A URL is never shown. */
function readPlace(
  input: FlagReader,
  env: Readonly<Record<string, string | undefined>>,
): Pick<Arguments, 'database' | 'url'> {
  const named = input.oneOf('database', DATABASES);
  const flag = input.text('url');
  if (named === 'sqlite') {
    if (flag !== undefined) input.refuse('--url is for a server, and --database is sqlite; its data is in --file');
    return { database: 'sqlite', url: undefined };
  }
  const url = flag ?? (env[URL_VARIABLE] === '' ? undefined : env[URL_VARIABLE]);
  const scheme = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
  const meant = scheme === undefined || scheme.hostname === '' ? undefined : SCHEMES[scheme.protocol];
  const source = flag === undefined ? URL_VARIABLE : '--url';
  if (url !== undefined && meant === undefined)
    input.refuse(`${source} can't be used, expected postgres://… or mysql://… with user, password, host and database`);
  else if (named !== undefined && meant !== undefined && named !== meant)
    input.refuse(`${source} leads to ${meant}, and --database is ${named}`);
  const database = named ?? meant ?? 'sqlite';
  if (database !== 'sqlite' && input.has('file')) input.refuse(`--file is for sqlite, and the database is ${database}`);
  return { database, url };
}

function readLoad(input: FlagReader): LoadPlan {
  const profile = input.oneOf('profile', PROFILES) ?? 'steady';
  const seconds = input.number('duration', { above: 0, max: 86_400, unit: 'seconds' });
  const rate = input.number('rate', { min: 1, max: 5_000, unit: 'requests per second' });
  const workers = input.number('workers', { min: 1, max: 100, integer: true, unit: 'workers' });
  input.needs('rate', 'open');
  const gentle = !input.has('profile') && !input.has('duration');
  return {
    profile,
    workers: workers ?? (gentle ? GENTLE_WORKERS : DEFAULT_WORKERS[profile]),
    loop: input.has('open')
      ? { kind: 'open', ratePerSecond: rate ?? DEFAULT_RATE_PER_SECOND }
      : { kind: 'closed', thinkMs: gentle ? GENTLE_THINK_MS : THINK_MS },
    durationMs: seconds === undefined ? Infinity : seconds * 1_000,
    seed: input.number('seed', { min: 0, max: 2 ** 32 - 1, integer: true, unit: '' }) ?? 1,
  };
}

function readChaos(input: FlagReader, durationMs: number): ChaosPlan | undefined {
  const atSeconds = input.number('chaos-at', { min: 0, max: 86_400, unit: 'seconds' });
  const forSeconds = input.number('chaos-for', { above: 0, max: 3_600, unit: 'seconds' });
  input.needs('chaos-at', 'chaos');
  input.needs('chaos-for', 'chaos');
  const list = input.text('chaos');
  if (list === undefined) return undefined;
  const { faults, unknown } = parseFaults(list);
  if (unknown.length > 0) input.complain('chaos', list, `all, or some of ${FAULTS.join(',')}`);
  const toMs = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000);
  const plan = planChaos(faults, { durationMs, atMs: toMs(atSeconds), forMs: toMs(forSeconds) });
  if (plan.atMs + plan.forMs > durationMs) {
    input.complain('chaos-at', plan.atMs / 1_000, `a start from which ${plan.forMs / 1_000} s fit into the run`);
  }
  return plan;
}
