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
  const loads = [loadNow()];
  const stage = await Stage.set(database);
  const results: Result[] = [];
  try {
    for (const fault of faults) results.push(await tryAll(stage, { fault, kinds }, given.windowMs));
  } finally {
    await stage.strike();
  }
  loads.push(loadNow());
  const shown = given.json
    ? JSON.stringify({ database, results }, undefined, 2)
    : `## ${database}\n\n${matrix(results)}`;
  process.stdout.write(`${shown}\n\n`);
  const ours = results.flatMap((result) =>
    result.rows.filter(({ contender }) => contender === OURS).flatMap((row) => missedBy(result, row)),
  );
  if (ours.length > 0) process.exitCode = 1;
  const isWhole = given.contenders === undefined && given.faults === undefined;
  if (isWhole && given.windowMs >= FULL_SCHEDULE.windowMs) keep(database, { kinds, results, loads, given });
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
    rows.push({ contender: kind.name, outcome });
  }
  return { fault, rows };
}

interface Kept {
  readonly kinds: readonly ContenderKind[];
  readonly results: readonly Result[];
  readonly loads: readonly number[];
  readonly given: Arguments;
}

/** A whole run is written down; a part of one, or a shorter one, is not. */
function keep(database: Database, { kinds, results, loads, given }: Kept): void {
  const [before, after] = loads.map((load) => load.toFixed(1));
  const seconds = given.windowMs / 1_000;
  const again = `npx pnpm chaos ${database}${seconds * 1_000 === FULL_SCHEDULE.windowMs ? '' : ` --seconds ${seconds}`}`;
  const body = [
    kinds.map(({ name, setUp }) => `- **${name}**: ${setUp}`).join('\n'),
    matrix(results),
    `${today()}, ${describeMachine(machine())}; load average ${before} before and ${after} after; ${seconds} s for each trial.`,
    `Versions: ${Object.entries(versionsOf(COMPARED[database]))
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    `Again: \`${again}\``,
  ].join('\n\n');
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), database, body));
}
