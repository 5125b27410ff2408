/**
 * Owns `load`: 20, 50 and 100 workers on 20 connections of a real server, shown and kept.
 * It must never know a library.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Database } from '../chaos/contender.ts';
import { CALLER } from '../chaos/stage/side-door.ts';
import { Stage } from '../chaos/stage/stage.ts';
import { runChild } from '../processes.ts';
import { replaceSection } from '../report/document.ts';
import { describeMachine, loadNow, machine, today } from '../report/machine.ts';
import { readLoadArguments } from './arguments.ts';
import type { LoadOrder, LoadResult } from './load-order.ts';
import { type LoadRow, loadTable, missedBy } from './load-table.ts';

const DOCUMENT = new URL('../../../../docs/LOAD.md', import.meta.url);
const PROCESS = new URL('load-process.ts', import.meta.url);
const WORKERS = [20, 50, 100];
const FULL_SECONDS = 8;
const CONTENDERS: Readonly<Record<Database, readonly string[]>> = {
  postgres: ['cryo', 'pg-pool tuned', 'generic-pool'],
  mariadb: ['cryo', 'mysql2', 'mariadb'],
};
/** 20 ms on the server: what is measured is the pool and not the cores. */
const STATEMENTS: Readonly<Record<Database, string>> = {
  postgres: 'select pg_sleep(0.02)',
  mariadb: 'select sleep(0.02)',
};

const asked = readLoadArguments(process.argv.slice(2), FULL_SECONDS);
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else {
  for (const database of asked.databases) await run(database, asked.seconds);
}

async function run(database: Database, seconds: number): Promise<void> {
  const loads = [loadNow()];
  const stage = await Stage.set(database);
  const rows: LoadRow[] = [];
  try {
    for (const workers of WORKERS)
      for (const contender of CONTENDERS[database]) rows.push(await measure(stage, { contender, workers }, seconds));
  } finally {
    await stage.strike();
  }
  loads.push(loadNow());
  process.stdout.write(`## ${database}\n\n${loadTable(rows)}\n\n`);
  if (rows.some((row) => row.contender === 'cryo' && missedBy(row).length > 0)) process.exitCode = 1;
  if (seconds >= FULL_SECONDS) keep(database, rows, { loads, seconds });
}

async function measure(
  stage: Stage,
  { contender, workers }: { readonly contender: string; readonly workers: number },
  seconds: number,
): Promise<LoadRow> {
  process.stderr.write(`${stage.database}: ${workers} workers × ${contender} …\n`);
  const { host, port, database } = stage.house.server;
  const order: LoadOrder = {
    ...{ database: stage.database, contender, workers, phaseMs: seconds * 1_000, sql: STATEMENTS[stage.database] },
    ...{ host, port, schema: database, user: CALLER.user, password: CALLER.password },
  };
  const ending = await runChild(PROCESS, [JSON.stringify(order)], { limitMs: seconds * 3_000 + 60_000 });
  if (ending.kind === 'answered') return { contender, workers, result: JSON.parse(ending.answer) as LoadResult };
  return { contender, workers, result: ending.kind === 'hung' ? 'it hung' : ending.words };
}

function keep(
  database: Database,
  rows: readonly LoadRow[],
  { loads, seconds }: { readonly loads: readonly number[]; readonly seconds: number },
): void {
  const [before, after] = loads.map((load) => load.toFixed(1));
  const body = [
    loadTable(rows),
    `${today()}, ${describeMachine(machine())}; load average ${before} before and ${after} after; ${seconds} s for each loop.`,
    `Again: \`npx pnpm load ${database}\``,
  ].join('\n\n');
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), database, body));
}
