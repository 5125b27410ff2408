/**
 * Owns `defects`: runs every case against every library, each pair in a process of its own, and shows and keeps the verdicts.
 * It must never know a case, nor a library.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Area, versions } from '../peers/peers.ts';
import { runChild } from '../processes.ts';
import { replaceSection } from '../report/document.ts';
import { describeMachine, machine, today } from '../report/machine.ts';
import { readArguments } from './arguments.ts';
import { type Judgement, judgeEnding, type Row } from './judgement.ts';
import { absences, breakages, verdictTable } from './report.ts';
import { SUITES, type Suite } from './suites.ts';

const CASE_PROCESS = new URL('./case-process.ts', import.meta.url);
const LIMIT_MS = 60_000;
/** For the cases that count bytes. */
const FLAGS = ['--expose-gc'];
const SECTION = 'The table';

const names = Object.entries(SUITES).map(([name, { cases }]) => [name, cases.map((each) => each.name)]);
const asked = readArguments<Area>(process.argv.slice(2), Object.fromEntries(names));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else {
  for (const name of asked.suites) await run(name, asked.only, asked.json);
}

async function run(name: Area, only: string | undefined, json: boolean): Promise<void> {
  const suite = SUITES[name];
  const rows: Row[] = [];
  for (const each of suite.cases.filter((tested) => only === undefined || tested.name === only)) {
    if (process.stderr.isTTY) process.stderr.write(`${each.name} …\n`);
    rows.push({ name: each.name, promise: each.promise, judgements: await judgeAll(name, each) });
  }
  const data = { suite: name, machine: machine(), versions: versions(name), date: today(), rows };
  const text = [verdictTable(rows, suite.libraries), listed(breakages(rows))].join('\n\n');
  process.stdout.write(`${json ? JSON.stringify(data, undefined, 2) : text}\n`);
  const isUnfit = rows.some(({ judgements }) => Object.values(judgements).some(({ kind }) => kind === 'unfit'));
  const isOursBroken = rows.some(({ judgements }) => judgements.cryo?.kind === 'breaks');
  if (isUnfit || isOursBroken) process.exitCode = 1;
  if (only === undefined && !isUnfit) keep(name, rows);
}

/** Real time is shared: such a case has the machine to itself. */
async function judgeAll(suite: Area, tested: Suite['cases'][number]): Promise<Readonly<Record<string, Judgement>>> {
  const { libraries } = SUITES[suite];
  const atOnce = tested.time === 'real' ? 1 : availableParallelism();
  const judgements: [string, Judgement][] = [];
  for (let start = 0; start < libraries.length; start += atOnce) {
    const group = libraries.slice(start, start + atOnce).map(async (library) => {
      const ending = await runChild(CASE_PROCESS, [suite, tested.name, library], { limitMs: LIMIT_MS, flags: FLAGS });
      return [library, judgeEnding(ending)] as [string, Judgement];
    });
    judgements.push(...(await Promise.all(group)));
  }
  return Object.fromEntries(judgements);
}

function keep(name: Area, rows: readonly Row[]): void {
  const { document, libraries } = SUITES[name];
  const compared = Object.entries(versions(name)).map(([library, version]) => `${library} ${version}`);
  const missing = absences(rows);
  const body = [
    verdictTable(rows, libraries),
    `${today()}, ${describeMachine(machine())}.`,
    `Versions: ${compared.join(', ')}.`,
    `Again: \`npx pnpm defects ${name}\``,
    'What happened instead, by case:',
    listed(breakages(rows)),
    ...(missing.length === 0 ? [] : ['What a dash stands for, by case:', listed(missing)]),
  ].join('\n\n');
  writeFileSync(document, replaceSection(readFileSync(document, 'utf8'), SECTION, body));
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
