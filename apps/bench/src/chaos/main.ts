/**
 * Owns `chaos`: runs the trials asked for, one after another, and shows and keeps what came out.
 * It must never know a library, nor a fault.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Compared, versionsOf } from '../peers/peers.ts';
import { replaceSection } from '../report/document.ts';
import { describeMachine, loadNow, machine, today } from '../report/machine.ts';
import { type Arguments, readArguments } from './arguments.ts';
import type { ContenderKind, Database } from './contender.ts';
import { contendersFor, OURS } from './contenders.ts';
import type { ChaosFault } from './fault.ts';
import { FAULTS } from './faults.ts';
import { matrix, missedBy, type Result, type Row } from './matrix.ts';
import { Stage } from './stage/stage.ts';
import { FULL_SCHEDULE, runTrial } from './trial.ts';

const DOCUMENT = new URL('../../../../docs/CHAOS.md', import.meta.url);

const COMPARED: Readonly<Record<Database, Compared>> = {
  postgres: { ours: 'pool-pg', theirs: ['pg', 'pg-pool', 'generic-pool', 'knex', 'postgres'] },
  mariadb: { ours: 'pool-mysql2', theirs: ['mysql2', 'mariadb', 'knex'] },
};

const asked = readArguments(process.argv.slice(2));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else {
  for (const database of asked.databases) await run(database, asked);
}

async function run(database: Database, given: Arguments): Promise<void> {
  const kinds = contendersFor(database).filter(({ name }) => given.contenders?.includes(name) ?? true);
  const faults = FAULTS.filter(({ name }) => given.faults?.includes(name) ?? true);
  const isWhole = given.contenders === undefined && given.windowMs >= FULL_SCHEDULE.windowMs;
  const stage = await Stage.set(database);
  try {
    for (const fault of faults) {
      const before = loadNow();
      const result = await tryAll(stage, { fault, kinds }, given.windowMs);
      show(database, result, given);
      if (isWhole) keep(database, result, { kinds, seconds: given.windowMs / 1_000, loads: [before, loadNow()] });
    }
  } finally {
    await stage.strike();
  }
}

async function tryAll(
  stage: Stage,
  { fault, kinds }: { readonly fault: ChaosFault; readonly kinds: readonly ContenderKind[] },
  windowMs: number,
): Promise<Result> {
  const rows: Row[] = [];
  for (const kind of kinds) {
    process.stderr.write(`${stage.database}: ${fault.name} × ${kind.name} …\n`);
    const outcome = await runTrial(stage, { kind, fault }, { ...FULL_SCHEDULE, windowMs }).catch(
      (error: unknown) => `no outcome: ${error instanceof Error ? error.message : String(error)}`,
    );
    rows.push({ contender: kind.name, lending: kind.lending, outcome });
  }
  return { fault, rows };
}

function show(database: Database, result: Result, { json }: Arguments): void {
  const { fault, rows } = result;
  const text = json
    ? JSON.stringify({ database, fault: fault.name, rows })
    : `## ${database}: ${fault.name}\n\n${matrix(result)}\n`;
  process.stdout.write(`${text}\n`);
  const ours = rows.filter(({ contender }) => contender === OURS);
  if (ours.some((row) => missedBy(result, row).length > 0)) process.exitCode = 1;
}

interface Circumstances {
  readonly kinds: readonly ContenderKind[];
  readonly seconds: number;
  readonly loads: readonly number[];
}

/** A table with everybody in it is written down; one with some of them, or from a shorter trial, is not. */
function keep(database: Database, result: Result, { kinds, seconds, loads }: Circumstances): void {
  const [before, after] = loads.map((load) => load.toFixed(1));
  const versions = Object.entries(versionsOf(COMPARED[database])).map(([name, version]) => `${name} ${version}`);
  const place = `${today()}, ${describeMachine(machine())}; load average ${before} before and ${after} after`;
  const again = `Again: \`npx pnpm chaos ${database} --fault ${result.fault.name}\``;
  const contenders = [kinds.map(({ name, setUp }) => `- **${name}**: ${setUp}`).join('\n'), `${versions.join(', ')}.`];
  const table = [matrix(result), `${place}; ${seconds} s for each trial. ${again}`];
  const document = replaceSection(readFileSync(DOCUMENT, 'utf8'), database, contenders.join('\n\n'));
  writeFileSync(DOCUMENT, replaceSection(document, `${database}: ${result.fault.name}`, table.join('\n\n')));
}
