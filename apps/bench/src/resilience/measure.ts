/**
 * Owns how a scenario of resilience becomes a result: run in a process of its own, times told as ratios to the bare call.
 * It must never know a library.
 */
import { judge, type RawResult, type Result } from '../measure/result.ts';
import { ratiosByRound } from '../measure/statistics.ts';
import { runChild } from '../processes.ts';
import type { Scenario } from './scenario.ts';

const SCENARIO_PROCESS = new URL('../measure/scenario-process.ts', import.meta.url);
const LIMIT_MS = 600_000;
const REFERENCE = 'bare';

export async function measureResilience(scenario: Scenario, rounds: number): Promise<readonly Result[]> {
  const options = { limitMs: LIMIT_MS, flags: ['--expose-gc'] };
  const ending = await runChild(SCENARIO_PROCESS, [scenario.name, String(rounds)], options);
  if (ending.kind === 'answered') return [judgeScenario(scenario, JSON.parse(ending.answer))];
  const reason = ending.kind === 'hung' ? `it did not end within ${ending.limitMs} ms` : ending.words;
  throw new Error(`The scenario '${scenario.name}' gave no result: ${reason}`);
}

export function judgeScenario(scenario: Scenario, raw: RawResult): Result {
  const unit = scenario.kind === 'time' ? '× bare call' : 'bytes';
  return judge({ ...scenario, unit }, scenario.kind === 'time' ? ratios(raw) : raw);
}

/** Figures of a round are compared with the reference of that round. */
function ratios(raw: RawResult): RawResult {
  const reference = raw[REFERENCE] ?? [];
  return Object.fromEntries(
    Object.entries(raw).map(([subject, values]) => [subject, ratiosByRound(values, reference)]),
  );
}
