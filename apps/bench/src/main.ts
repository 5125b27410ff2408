/**
 * Owns `bench`: runs the scenarios of an area, each in a process of its own, and shows and keeps what came out.
 * It must never know a library.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Arguments, FEWEST_ROUNDS, readArguments } from './arguments.ts';
import { judge, type Result } from './measure/result.ts';
import { versions } from './peers/peers.ts';
import { runChild } from './processes.ts';
import { replaceSection } from './report/document.ts';
import { describeMachine, loadNow, machine, today } from './report/machine.ts';
import { resultTable } from './report/results.ts';
import type { Scenario } from './resilience/scenario.ts';
import { SCENARIOS } from './resilience/scenarios.ts';

const SCENARIO_PROCESS = new URL('./measure/scenario-process.ts', import.meta.url);
const DOCUMENT = new URL('../../../docs/BENCHMARKS.md', import.meta.url);
const LIMIT_MS = 600_000;

const AREAS = { resilience: SCENARIOS.map(({ name }) => name) };

const asked = readArguments(process.argv.slice(2), AREAS);
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else {
  await run(asked);
}

async function run({ area, rounds, scenario, json }: Arguments): Promise<void> {
  const loads = [loadNow()];
  const results: Result[] = [];
  for (const each of SCENARIOS.filter(({ name }) => scenario === undefined || name === scenario)) {
    if (process.stderr.isTTY) process.stderr.write(`${each.title} …\n`);
    results.push(await measure(each, rounds));
  }
  loads.push(loadNow());
  const context = { machine: machine(), versions: versions(), date: today(), rounds, loads };
  process.stdout.write(
    `${json ? JSON.stringify({ area, ...context, results }, undefined, 2) : resultTable(results)}\n`,
  );
  if (scenario === undefined && rounds >= FEWEST_ROUNDS) keep(area, context, results);
}

async function measure(scenario: Scenario, rounds: number): Promise<Result> {
  const options = { limitMs: LIMIT_MS, flags: ['--expose-gc'] };
  const ending = await runChild(SCENARIO_PROCESS, [scenario.name, String(rounds)], options);
  if (ending.kind === 'answered') return judge(scenario, JSON.parse(ending.answer));
  const reason = ending.kind === 'hung' ? `it did not end within ${ending.limitMs} ms` : ending.words;
  throw new Error(`The scenario '${scenario.name}' gave no result: ${reason}`);
}

interface Context {
  readonly machine: ReturnType<typeof machine>;
  readonly versions: ReturnType<typeof versions>;
  readonly date: string;
  readonly rounds: number;
  readonly loads: readonly number[];
}

/** A whole run is written down; a part of one, or too few rounds, is not. */
function keep(
  area: string,
  { machine: place, versions: compared, date, rounds, loads }: Context,
  results: readonly Result[],
): void {
  const [before, after] = loads.map((load) => load.toFixed(1));
  const body = [
    resultTable(results),
    `${date}, ${describeMachine(place)}; load average ${before} before and ${after} after; ${rounds} rounds.`,
    `Versions: ${Object.entries(compared)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    `Again: \`npx pnpm bench ${area}${rounds === FEWEST_ROUNDS ? '' : ` --rounds ${rounds}`}\``,
  ].join('\n\n');
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, 'utf8'), area, body));
}
