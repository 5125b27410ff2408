/**
 * Owns the process: its arguments, its signals, what it prints where, and its exit code.
 * It must never know how a request is served.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidOptionsError } from '@cryo/resilience';
import { type Arguments, DEFAULT_FILE, parseArguments } from './cli/arguments.ts';
import { BadInputError, describeFault } from './cli/bad-input.ts';
import { poolSettings, renamed, settingFaults } from './cli/settings.ts';
import { USAGE } from './cli/usage.ts';
import { ForeignDatabaseError, UnusableDatabaseError } from './data/database.ts';
import { mainOf } from './data/pools.ts';
import { overviewOf } from './overview.ts';
import { createReport } from './report/report.ts';
import { banner, progressLine, reportText } from './report/text.ts';
import { Run } from './run.ts';
import { openService, type Service } from './service.ts';
import { Terminal } from './terminal.ts';

const EXIT = { ok: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

const terminal = new Terminal();

let unhandledRejections = 0;
const tellRejection = tellFirst('unhandled rejection');
process.on('unhandledRejection', (reason) => {
  unhandledRejections += 1;
  tellRejection(reason);
});

/** The first signal ends the run in good order, the second one the process. */
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (ending.signal.aborted) process.exit(EXIT.interrupted);
    ending.abort();
  });
}
/** Whoever was reading has left: nobody waits for the rest. */
process.stdout.on('error', () => ending.abort());

async function demo(given: Arguments): Promise<number> {
  const settings = poolSettings(process.env, given.settings);
  if (given.database === 'sqlite' && given.file === DEFAULT_FILE) makeDirectory(dirname(given.file));
  const opened: { service?: Service; run?: Run } = {};
  const service = await openService({
    ...given,
    seed: given.load.seed,
    settings: { ...settings, logger: terminal.logger(() => given.output === 'human' && opened.run !== undefined) },
    mistaken: tellFirst('internal error'),
    overview: () => (opened.service && opened.run ? overviewOf(given, opened.service, opened.run) : { starting: true }),
  });
  if (given.output === 'human') process.stdout.write(banner(given, service.url, service.store));
  const run = new Run(given, service, {
    ending: ending.signal,
    unhandledRejections: () => unhandledRejections,
    say: (line) => {
      if (given.output === 'human') terminal.say(line);
    },
  });
  Object.assign(opened, { service, run });
  const ticking = setInterval(() => {
    terminal.show(
      progressLine(run.elapsedMs, run.load.tally, run.sampler.servedPerSecond, mainOf(service.store.pools).snapshot()),
    );
  }, 1_000);
  const findings = await run.finish().finally(() => {
    clearInterval(ticking);
    terminal.show('');
  });
  const report = createReport(given, findings);
  process.stdout.write(given.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : `\n${reportText(report)}`);
  return report.ok ? EXIT.ok : EXIT.failed;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch {
    throw new BadInputError([`the directory '${directory}' can't be made; choose a place with --file`]);
  }
}

/** Tells the first error of its kind in full; the report counts the others. */
function tellFirst(what: string): (error: unknown) => void {
  let told = false;
  return (error) => {
    if (!told) terminal.say(`demo: ${what}: ${describeError(error)}`);
    told = true;
  };
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The lines for input that can't be used; `undefined` when the error is of another kind. */
function badInputLines(error: unknown): readonly string[] | undefined {
  if (error instanceof BadInputError) return error.lines;
  if (error instanceof InvalidOptionsError) return error.faults.map((fault) => describeFault(renamed(fault)));
  return error instanceof ForeignDatabaseError || error instanceof UnusableDatabaseError ? [error.message] : undefined;
}

/** Faults of the command line come together with those of the environment. */
function withEnvironmentFaults<Given>(parse: () => Given): Given {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    throw new BadInputError([...error.lines, ...settingFaults(process.env, {})]);
  }
}

try {
  const given = withEnvironmentFaults(() => parseArguments(process.argv.slice(2), process.env));
  if (given === 'help') process.stdout.write(USAGE);
  else process.exitCode = await demo(given);
} catch (error) {
  const lines = badInputLines(error);
  for (const line of lines ?? [describeError(error)]) terminal.say(`demo: ${line}`);
  process.exitCode = lines === undefined ? EXIT.failed : EXIT.badInput;
}
