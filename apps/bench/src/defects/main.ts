/**
 * Owns `defects`: runs every case against every library, each pair in a process of its own, and shows and keeps the verdicts.
 * It must never know a case, nor a library.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { versions } from '../peers/peers.ts';
import { runChild } from '../processes.ts';
import { replaceSection } from '../report/document.ts';
import { describeMachine, machine, today } from '../report/machine.ts';
import { readArguments } from './arguments.ts';
import { CASES } from './cases.ts';
import type { DefectCase } from './defect-case.ts';
import { type Judgement, judgeEnding, type Row } from './judgement.ts';
import { LIBRARIES } from './libraries.ts';
import { breakages, verdictTable } from './report.ts';

const CASE_PROCESS = new URL('./case-process.ts', import.meta.url);
const DOCUMENT = new URL('../../../../docs/DEFECTS.md', import.meta.url);
const LIMIT_MS = 60_000;
const SECTION = 'The table';
const NAMES = Object.keys(LIBRARIES);

const asked = readArguments(
  process.argv.slice(2),
  CASES.map(({ name }) => name),
);
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else {
  const cases = CASES.filter(({ name }) => asked.only === undefined || name === asked.only);
  await run(cases, asked.json, asked.only === undefined);
}

async function run(cases: readonly DefectCase[], json: boolean, isWhole: boolean): Promise<void> {
  const rows: Row[] = [];
  for (const each of cases) {
    if (process.stderr.isTTY) process.stderr.write(`${each.name} …\n`);
    rows.push({ name: each.name, promise: each.promise, judgements: await judgeAll(each) });
  }
  const compared = versions('resilience');
  const text = [
    verdictTable(rows, NAMES),
    breakages(rows)
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n');
  const data = { machine: machine(), versions: compared, date: today(), rows };
  process.stdout.write(`${json ? JSON.stringify(data, undefined, 2) : text}\n`);
  const isUnfit = rows.some(({ judgements }) => Object.values(judgements).some(({ kind }) => kind === 'unfit'));
  const isOursBroken = rows.some(({ judgements }) => judgements.cryo?.kind === 'breaks');
  process.exitCode = isUnfit || isOursBroken ? 1 : 0;
  if (isWhole && !isUnfit) keep(rows, compared);
}

/** Real time is shared: such a case has the machine to itself. */
async function judgeAll(tested: DefectCase): Promise<Readonly<Record<string, Judgement>>> {
  const atOnce = tested.time === 'real' ? 1 : availableParallelism();
  const judgements: [string, Judgement][] = [];
  for (let start = 0; start < NAMES.length; start += atOnce) {
    const group = NAMES.slice(start, start + atOnce);
    judgements.push(
      ...(await Promise.all(group.map(async (name) => [name, await judge(tested, name)] as [string, Judgement]))),
    );
  }
  return Object.fromEntries(judgements);
}

async function judge(tested: DefectCase, library: string): Promise<Judgement> {
  return judgeEnding(await runChild(CASE_PROCESS, [tested.name, library], { limitMs: LIMIT_MS }));
}

function keep(rows: readonly Row[], compared: Readonly<Record<string, string>>): void {
  const body = [
    verdictTable(rows, NAMES),
    `${today()}, ${describeMachine(machine())}.`,
    `Versions: ${Object.entries(compared)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    'Again: `npx pnpm defects`',
    'What happened instead, by case:',
    breakages(rows)
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n');
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), SECTION, body));
}
