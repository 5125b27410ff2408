/**
 * Owns `bench`: runs the scenarios of an area, each in a process of its own, and shows and keeps what came out.
 * It must never know a library.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { AREAS } from './areas.ts';
import { type Arguments, FEWEST_ROUNDS, readArguments } from './arguments.ts';
import type { Result } from './measure/result.ts';
import { type BenchArea, versions } from './peers/peers.ts';
import { replaceSection } from './report/document.ts';
import { describeMachine, loadNow, machine, today } from './report/machine.ts';
import { resultTable } from './report/results.ts';

const DOCUMENT = new URL('../../../docs/BENCHMARKS.md', import.meta.url);

const names = Object.entries(AREAS).map(([area, all]) => [area, all.map(({ name }) => name)] as const);
const asked = readArguments(process.argv.slice(2), Object.fromEntries(names));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else {
  await run(asked);
}

async function run({ area, rounds, only, json }: Arguments): Promise<void> {
  const loads = [loadNow()];
  const results: Result[] = [];
  for (const each of AREAS[area as BenchArea].filter(({ name }) => only === undefined || only.includes(name))) {
    if (process.stderr.isTTY) process.stderr.write(`${each.title} …\n`);
    results.push(...(await each.measure(rounds)));
  }
  loads.push(loadNow());
  const context = { machine: machine(), versions: versions(area as BenchArea), date: today(), rounds, loads };
  process.stdout.write(
    `${json ? JSON.stringify({ area, ...context, results }, undefined, 2) : resultTable(results)}\n`,
  );
  if (only === undefined && rounds >= FEWEST_ROUNDS) keep(area, context, results);
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
