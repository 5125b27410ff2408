/**
 * Owns the command that seals: what it is told, what it answers, and its exit code.
 * It must never print a key that it was given, or a value that is not sealed.
 */
import { isSealed, newSealingKey, SealError, seal, unseal } from '../sealed.ts';

/** What the command is told and reads. */
export interface SealRequest {
  /** Without the command itself. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the value: from a terminal without showing it, else all of the input. */
  readonly read: () => Promise<string>;
}

/** What it answers: `output` is for a file or a pipe, `note` for the person in front of it. */
export interface SealAnswer {
  readonly exitCode: 0 | 1 | 2;
  readonly output?: string;
  readonly note?: string;
}

const USAGE = `cryo-seal               seals the value that it reads: cryo-seal < password.txt
cryo-seal --check       says whether the sealed value that it reads can be opened
cryo-seal --new-key     draws a key
cryo-seal --prefix DB   takes the key from DB_SEALING_KEY instead of CRYO_SEALING_KEY

The value is never an argument: arguments stay in the history of the shell and in the list of processes.`;

/** Seals, checks, or draws a key. It never rejects for what it was given. */
export async function runSealCommand({ words, env, read }: SealRequest): Promise<SealAnswer> {
  const order = parse(words);
  if (order === undefined) return { exitCode: words.includes('--help') ? 0 : 2, note: USAGE };
  const { task, variable } = order;
  try {
    if (task === 'new-key')
      return { exitCode: 0, output: newSealingKey(), note: `Keep it in ${variable}, away from what it seals.` };
    const keys = (env[variable] ?? '').split(/[\s,]+/).filter((key) => key !== '');
    if (keys.length === 0) return { exitCode: 1, note: `${variable} is not set. cryo-seal --new-key draws a key.` };
    // A file ends with a line break that belongs to no password.
    const value = (await read()).replace(/\r?\n$/, '');
    if (value === '') return { exitCode: 1, note: 'There was nothing to read.' };
    return task === 'check' ? await check(value, keys) : await sealOne(value, keys);
  } catch (error) {
    if (error instanceof SealError) return { exitCode: 1, note: error.message };
    throw error;
  }
}

interface Order {
  readonly task: 'seal' | 'check' | 'new-key';
  readonly variable: string;
}

function parse(words: readonly string[]): Order | undefined {
  let task: Order['task'] = 'seal';
  let prefix = 'CRYO';
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--new-key') task = 'new-key';
    else if (word === '--check') task = 'check';
    else if (word === '--prefix' && /^\w+$/.test(rest[0] ?? '')) prefix = rest.shift() ?? prefix;
    else return undefined;
  }
  return { task, variable: `${prefix}_SEALING_KEY` };
}

async function check(value: string, keys: readonly string[]): Promise<SealAnswer> {
  await unseal(value, keys);
  return { exitCode: 0, note: 'It opens.' };
}

async function sealOne(value: string, keys: readonly string[]): Promise<SealAnswer> {
  if (isSealed(value)) return { exitCode: 1, note: 'The value is sealed already.' };
  return { exitCode: 0, output: await seal(value, keys) };
}
