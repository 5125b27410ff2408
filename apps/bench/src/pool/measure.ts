/**
 * Owns how a scenario of the pools becomes a result: its groups run, each in a process of its own, the figures put together.
 * It must never know a pool.
 */
import { judge, type RawResult, type Result } from '../measure/result.ts';
import { ratiosByRound } from '../measure/statistics.ts';
import { runChild } from '../processes.ts';
import type { PoolScenario } from './scenario.ts';

const POOL_PROCESS = new URL('./pool-process.ts', import.meta.url);
const LIMIT_MS = 900_000;
const REFERENCE = 'bare';

export async function measurePools(scenario: PoolScenario, rounds: number): Promise<Result> {
  const values: Record<string, number[]> = {};
  for (let repetition = 0; repetition < (scenario.repeated ?? 1); repetition++) {
    let reference: readonly number[] = [];
    for (const group of scenario.groups) {
      const raw = await runGroup(scenario, rounds, group);
      reference = raw[REFERENCE] ?? reference;
      for (const [subject, figures] of Object.entries(comparable(scenario, raw, reference))) {
        if (subject !== REFERENCE || values[subject] === undefined || scenario.repeated !== undefined)
          values[subject] = [...(values[subject] ?? []), ...figures];
      }
    }
  }
  return judge(scenario, values);
}

/** The reference of the group, or of the process before it where each has one of its own. */
export function comparable(scenario: PoolScenario, raw: RawResult, reference: readonly number[]): RawResult {
  if (scenario.comparedWith === 'nothing') return raw;
  return Object.fromEntries(Object.entries(raw).map(([subject, all]) => [subject, ratiosByRound(all, reference)]));
}

async function runGroup(scenario: PoolScenario, rounds: number, group: readonly string[]): Promise<RawResult> {
  const options = { limitMs: LIMIT_MS, flags: scenario.flags ?? [] };
  const ending = await runChild(POOL_PROCESS, [scenario.name, String(rounds), group.join(',')], options);
  if (ending.kind === 'answered') return JSON.parse(ending.answer);
  const reason = ending.kind === 'hung' ? `it did not end within ${ending.limitMs} ms` : ending.words;
  throw new Error(`The scenario '${scenario.name}' gave no result with ${group.join(', ')}: ${reason}`);
}
