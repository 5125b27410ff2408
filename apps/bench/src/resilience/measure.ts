/**
 * Owns how a scenario of resilience becomes a result: its groups run, each in a process of its own, times told as ratios.
 * It must never know a library.
 */
import { GARBAGE_FLAGS } from '../measure/garbage.ts';
import { type Gathered, gather, judge, type RawResult, type Result, type Unit } from '../measure/result.ts';
import { PROCESSES } from '../measure/rounds.ts';
import { ratiosByRound } from '../measure/statistics.ts';
import { runChild } from '../processes.ts';
import type { Scenario } from './scenario.ts';
import { SUBJECTS } from './subjects.ts';

const SCENARIO_PROCESS = new URL('../measure/scenario-process.ts', import.meta.url);
const LIMIT_MS = 600_000;
const REFERENCE = 'bare';

const UNITS: Readonly<Record<Scenario['kind'], Unit>> = {
  time: '× bare call',
  bytes: 'bytes',
  garbage: 'bytes',
  failure: '× a success',
};

export async function measureResilience(scenario: Scenario, rounds: number): Promise<readonly Result[]> {
  const gathered: Gathered = {};
  for (let repetition = 0; repetition < (isTimed(scenario) ? PROCESSES : 1); repetition++) {
    for (const group of groups(scenario))
      gather(gathered, comparable(scenario, await runGroup(scenario, rounds, group)));
  }
  return [judgeScenario(scenario, gathered)];
}

export function judgeScenario(scenario: Scenario, figures: RawResult): Result {
  return judge({ ...scenario, unit: UNITS[scenario.kind] }, figures);
}

/** What is weighed is the same to the byte in each process. */
function isTimed({ kind }: Scenario): boolean {
  return kind === 'time' || kind === 'failure';
}

/**
 * Those who are weighed share a process. Whoever takes turns does so with the reference alone, for others would spoil their caches; and what
 * a loop leaves behind, or a full window, is nobody else's.
 */
function groups({ kind }: Scenario): readonly (readonly string[])[] {
  const subjects = Object.keys(SUBJECTS);
  if (kind === 'bytes') return [subjects];
  const measured = subjects.filter((subject) => subject !== REFERENCE);
  return measured.map((subject) => (kind === 'time' ? [REFERENCE, subject] : [subject]));
}

async function runGroup(scenario: Scenario, rounds: number, group: readonly string[]): Promise<RawResult> {
  const options = { limitMs: LIMIT_MS, flags: scenario.kind === 'garbage' ? GARBAGE_FLAGS : ['--expose-gc'] };
  const ending = await runChild(SCENARIO_PROCESS, [scenario.name, String(rounds), group.join(',')], options);
  if (ending.kind === 'answered') return JSON.parse(ending.answer);
  const reason = ending.kind === 'hung' ? `it did not end within ${ending.limitMs} ms` : ending.words;
  throw new Error(`The scenario '${scenario.name}' gave no result with ${group.join(', ')}: ${reason}`);
}

/** Times of a round are compared with the reference of that round. */
export function comparable({ kind }: Scenario, raw: RawResult): RawResult {
  if (kind !== 'time') return raw;
  const reference = raw[REFERENCE] ?? [];
  return Object.fromEntries(
    Object.entries(raw).map(([subject, values]) => [subject, ratiosByRound(values, reference)]),
  );
}
