/**
 * Owns how a scenario on a real server becomes its two results: a process of its own, then the verdicts.
 * It must never know a pool.
 */
import { judge, type RawResult, type Result } from '../measure/result.ts';
import { runChild } from '../processes.ts';
import type { ServerScenario } from './scenario.ts';

const SERVER_PROCESS = new URL('./server-process.ts', import.meta.url);
const LIMIT_MS = 900_000;
const UNIT = "× the driver's pool";

export async function measureServers({ name, title }: ServerScenario, rounds: number): Promise<readonly Result[]> {
  const ending = await runChild(SERVER_PROCESS, [name, String(rounds)], { limitMs: LIMIT_MS });
  if (ending.kind !== 'answered') {
    const reason = ending.kind === 'hung' ? `it did not end within ${ending.limitMs} ms` : ending.words;
    throw new Error(`The scenario '${name}' gave no result: ${reason}`);
  }
  const [times, tails]: readonly [RawResult, RawResult] = JSON.parse(ending.answer);
  return [
    judge({ name, title: `${title}: time per operation`, unit: UNIT, budget: 1 }, times),
    judge({ name, title: `${title}: p99`, unit: UNIT, budget: 1 }, tails),
  ];
}
