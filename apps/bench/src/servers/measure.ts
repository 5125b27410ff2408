/**
 * Owns how a scenario on a real server becomes its results: a process of its own, then the verdicts.
 * It must never know a pool.
 */
import { judge, type RawResult, type Result } from '../measure/result.ts';
import { runChild } from '../processes.ts';
import type { ServerScenario } from './scenario.ts';
import type { Slice } from './slices.ts';

const SERVER_PROCESS = new URL('./server-process.ts', import.meta.url);
const LIMIT_MS = 900_000;
const FIGURES: readonly (readonly [figure: keyof Slice, words: string])[] = [
  ['perOperationMs', 'time per operation'],
  ['p99Ms', 'p99'],
  ['processorMs', "the client's processor time per operation"],
];
const UNIT = "× the driver's pool";

export async function measureServers({ name, title }: ServerScenario, rounds: number): Promise<readonly Result[]> {
  const ending = await runChild(SERVER_PROCESS, [name, String(rounds)], { limitMs: LIMIT_MS });
  if (ending.kind !== 'answered') {
    const reason = ending.kind === 'hung' ? `it did not end within ${ending.limitMs} ms` : ending.words;
    throw new Error(`The scenario '${name}' gave no result: ${reason}`);
  }
  const figures: Readonly<Record<keyof Slice, RawResult>> = JSON.parse(ending.answer);
  return FIGURES.map(([figure, words]) =>
    judge({ name, title: `${title}: ${words}`, unit: UNIT, budget: 1 }, figures[figure]),
  );
}
