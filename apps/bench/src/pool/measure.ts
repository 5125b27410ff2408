/**
 * Owns how a scenario of the pools becomes a result: its groups run, each in a process of its own, the figures put together.
 * It must never know a pool.
 */
import { type Gathered, gather, judge, type RawResult, type Result } from '../measure/result.ts';
import { ratiosByRound } from '../measure/statistics.ts';
import { runChild } from '../processes.ts';
import type { PoolScenario } from './scenario.ts';

const POOL_PROCESS = new URL('./pool-process.ts', import.meta.url);
const LIMIT_MS = 900_000;
const REFERENCE = 'bare';

/** A result for each row of the scenario. */
export async function measurePools(scenario: PoolScenario, rounds: number): Promise<readonly Result[]> {
  const gathered: readonly Gathered[] = scenario.rows.map(() => ({}));
  for (let repetition = 0; repetition < (scenario.repeated ?? 1); repetition++) {
    const raws: (readonly RawResult[])[] = [];
    for (const group of scenario.groups) raws.push(await runGroup(scenario, rounds, group));
    for (const [index, row] of scenario.rows.entries()) {
      const groups = raws.map((raw) => raw[index] ?? {});
      const figures = row.unit === '× bare pool' ? comparable(groups) : groups;
      for (const each of figures) gather(gathered[index] as Gathered, each);
    }
  }
  return scenario.rows.map((row, index) => judge({ name: scenario.name, ...row }, gathered[index] as Gathered));
}

/** Each figure over the reference of its group and round, or of the group before it where each has a process of its own. */
export function comparable(groups: readonly RawResult[]): readonly RawResult[] {
  let reference: readonly number[] = [];
  return groups.map((group) => {
    reference = group[REFERENCE] ?? reference;
    return Object.fromEntries(Object.entries(group).map(([subject, all]) => [subject, ratiosByRound(all, reference)]));
  });
}

async function runGroup(
  scenario: PoolScenario,
  rounds: number,
  group: readonly string[],
): Promise<readonly RawResult[]> {
  const options = { limitMs: LIMIT_MS, flags: scenario.flags ?? [] };
  const ending = await runChild(POOL_PROCESS, [scenario.name, String(rounds), group.join(',')], options);
  if (ending.kind === 'answered') return JSON.parse(ending.answer);
  const reason = ending.kind === 'hung' ? `it did not end within ${ending.limitMs} ms` : ending.words;
  throw new Error(`The scenario '${scenario.name}' gave no result with ${group.join(', ')}: ${reason}`);
}
