/**
 * Owns the command: installs the runtimes, runs every case on each, shows the table, and with `--record` keeps it.
 * It must never know a runtime or a case. A runtime that is missing is a failure where `CRYO_REQUIRE_RUNTIMES` is 1.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgress } from '../workspace/progress.ts';
import { ROOT } from '../workspace/tool.ts';
import { seekRuntimes } from './all.ts';
import { allCases } from './case.ts';
import { installRuntimes } from './install.ts';
import { preparePlace, removePlace } from './place.ts';
import { failures, omissions, page, type Row, tableOf } from './report.ts';
import { judge, type Sought } from './runtime.ts';

const progress = startProgress('installing the runtimes');
const fault = await installRuntimes();
progress.finish('erase');
if (fault !== undefined) process.stderr.write(`The runtimes could not be installed:\n${fault}\n`);

const cases = allCases();
const place = preparePlace(cases);
const rows: Row[] = [];
try {
  for (const sought of await seekRuntimes()) rows.push(await rowOf(sought));
} finally {
  removePlace(place);
}

const failed = failures(rows);
print(tableOf(rows));
for (const line of omissions(rows)) print(`left out: ${line}`);
for (const line of failed) print(`\nfailed: ${line}`);
const isMissing = rows.some(({ state }) => state === 'skipped') && process.env.CRYO_REQUIRE_RUNTIMES === '1';
process.exitCode = failed.length === 0 && !isMissing ? 0 : 1;
if (process.argv.includes('--record')) record();

async function rowOf(sought: Sought): Promise<Row> {
  if (sought.state === 'missing') return { state: 'skipped', name: sought.name, reason: sought.reason };
  const { runtime } = sought;
  const running = startProgress(`${runtime.name} ${runtime.version}`);
  const judged = await judge(runtime, place, cases);
  running.finish('erase');
  return { state: 'ran', name: runtime.name, version: runtime.version, judged };
}

function record(): void {
  const machine = `${process.platform} ${process.arch}`;
  writeFileSync(join(ROOT, 'docs/RUNTIMES.md'), page(rows, machine, new Date().toISOString().slice(0, 10)));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
