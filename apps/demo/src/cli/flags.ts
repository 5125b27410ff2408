/**
 * Owns the reading of a command line into flags and their texts.
 * It must never know what a value means.
 */
import { parseArgs } from 'node:util';

/** A flag is given alone, or with a value. */
export type FlagKind = 'switch' | 'value';

/** The flags that were given: `true` for a switch, its text for a value. */
export type Flags = Readonly<Record<string, string | true>>;

/** Reads the command line; what can't be read is told in `complaints`, a line each. */
export function readFlags(
  argv: readonly string[],
  known: Readonly<Record<string, FlagKind>>,
): { readonly flags: Flags; readonly complaints: string[] } {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, kind]) => [name, { type: kind === 'switch' ? 'boolean' : 'string' } as const]),
  );
  // `npm run demo -- --json` and its like leave the two dashes in.
  const args = argv[0] === '--' ? argv.slice(1) : [...argv];
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  const flags: Record<string, string | true> = {};
  const complaints: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') complaints.push(`unexpected word '${token.value}'; see --help`);
    if (token.kind !== 'option') continue;
    const kind = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (kind === undefined) complaints.push(`unknown flag ${token.rawName}; see --help`);
    else if (kind === 'switch' && token.value === undefined) flags[token.name] = true;
    else if (kind === 'switch') complaints.push(`${token.rawName} takes no value`);
    else if (isValue(token)) flags[token.name] = token.value;
    else complaints.push(`${token.rawName} needs a value`);
  }
  return { flags, complaints };
}

/** `--port --json` gives no port: what looks like a flag is one, unless it was written `--port=--json`. */
function isValue<Token extends { value?: string | undefined; inlineValue?: boolean | undefined }>(
  token: Token,
): token is Token & { value: string } {
  if (token.value === undefined || token.value === '') return false;
  return token.inlineValue === true || !token.value.startsWith('--');
}

/** The text of a value flag, when it was given. */
export function textOf(flags: Flags, flag: string): string | undefined {
  const value = flags[flag];
  return value === true ? undefined : value;
}

/** The number that a text says; NaN when it says none. */
export function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
}
