/**
 * Owns the ways in which the scenarios are measured, one for each kind, within the process of a scenario.
 * It must never know a library.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { bytesPerObject } from '../measure/bytes.ts';
import { garbagePerOperation } from '../measure/garbage.ts';
import type { LOOPS, Operation } from '../measure/loop.ts';
import { processMs } from '../measure/process-time.ts';
import type { RawResult } from '../measure/result.ts';
import { type Contender, measureRounds, type RoundOptions } from '../measure/rounds.ts';
import { spreadOf } from '../measure/statistics.ts';
import { failureCost } from './failure-cost.ts';
import type { BytesScenario, FailureScenario, GarbageScenario, Scenario, TimeScenario } from './scenario.ts';
import type { Subject, Work } from './subject.ts';

const REFERENCE = 'bare';
const WARM_UP_MS = 150;
const MOST_REPETITIONS = 9;
/** A small difference of large figures needs more of them. */
const FAILURE_ROUNDS = 3;

/** Without promises there is little to collect, and what the engine itself leaves has to vanish among them. */
const OPERATIONS = { awaited: 10_000, synchronous: 1_000_000 } as const;

const succeeding: Work = async () => 1;
/** Made once: what an error costs is no library's. */
const down = new Error('the server is down');
const failing: Work = async () => {
  throw down;
};

/** Written twice, so that what the engine learns from successes is not mixed with failures. */
const WITHOUT_BREAKER = {
  work: { plain: succeeding, plainFailing: failing },
  'passing on': {
    async plain() {
      const answer = await succeeding();
      return answer;
    },
    async plainFailing() {
      const answer = await failing();
      return answer;
    },
  },
} as const;

/** A figure per round or repetition for each of the subjects that can do it; the reference is the first subject. */
export function measureScenario(scenario: Scenario, subjects: readonly Subject[], rounds: number): Promise<RawResult> {
  switch (scenario.kind) {
    case 'time':
      return time(scenario, subjects, rounds);
    case 'bytes':
      return weigh(scenario, subjects, rounds);
    case 'garbage':
      return collect(scenario, subjects, rounds);
    case 'failure':
      return fail(scenario, subjects, rounds);
  }
}

async function time(scenario: TimeScenario, subjects: readonly Subject[], rounds: number): Promise<RawResult> {
  const contenders: Contender[] = [];
  for (const subject of subjects) {
    const isReference = subject.name === REFERENCE;
    const operation = isReference ? subject.bareCall?.(succeeding) : await scenario.operation(subject, succeeding);
    if (operation === undefined) continue;
    contenders.push(await contender(subject.name, operation, isReference ? 'awaited' : scenario.loop));
  }
  return Object.fromEntries(await measureRounds(contenders, roundOptions(rounds)));
}

async function weigh(scenario: BytesScenario, subjects: readonly Subject[], rounds: number): Promise<RawResult> {
  const result: Record<string, readonly number[]> = {};
  for (const subject of subjects) {
    const make = scenario.maker(subject);
    if (make !== undefined) result[subject.name] = await bytesPerObject(make, Math.min(rounds, MOST_REPETITIONS));
  }
  return result;
}

/** To the byte: looking at the heap leaves a little too, and no object is smaller. */
async function collect(scenario: GarbageScenario, subjects: readonly Subject[], rounds: number): Promise<RawResult> {
  const result: Record<string, readonly number[]> = {};
  const options = { rounds, operations: OPERATIONS[scenario.loop] };
  const bare: Operation = scenario.loop === 'synchronous' ? () => undefined : () => succeeding();
  const least = await contender(REFERENCE, bare, scenario.loop);
  const leastBytes = spreadOf(await garbagePerOperation(least.slice, options)).median;
  for (const subject of subjects) {
    const operation = scenario.operation(subject, succeeding);
    if (operation === undefined) continue;
    const { slice } = await contender(subject.name, operation, scenario.loop);
    const bytes = await garbagePerOperation(slice, options);
    result[subject.name] = bytes.map((each) => Math.round(each - leastBytes));
  }
  return result;
}

async function fail(scenario: FailureScenario, subjects: readonly Subject[], rounds: number): Promise<RawResult> {
  const result: Record<string, readonly number[]> = {};
  const plain = WITHOUT_BREAKER[scenario.thrownBy];
  for (const subject of subjects) {
    const breaker = await scenario.breaker(subject, succeeding, failing);
    if (breaker === undefined) continue;
    const operations = { ...plain, ...breaker };
    const contenders: Contender[] = [];
    for (const [name, operation] of Object.entries(operations))
      contenders.push(await contender(name, operation, 'caught'));
    const costs = await measureRounds(contenders, roundOptions(FAILURE_ROUNDS * rounds));
    // Rejects, and with it the measurement fails, when the breaker has opened meanwhile.
    await breaker.succeeding();
    result[subject.name] = failureCost((name) => costs.get(name) ?? []);
  }
  return result;
}

async function contender(name: string, operation: Operation, loopName: keyof typeof LOOPS): Promise<Contender> {
  const { LOOPS: loops }: { LOOPS: typeof LOOPS } = await import(`../measure/loop.ts?${name}`);
  const loop = loops[loopName];
  return { name, slice: (times) => loop(operation, times) };
}

function roundOptions(rounds: number): RoundOptions {
  return { rounds, now: processMs, turn, warmUpMs: WARM_UP_MS };
}
