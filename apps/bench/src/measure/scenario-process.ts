/**
 * Owns the process in which one scenario runs, so that no scenario meets what the engine learned from another; prints JSON.
 * It must never know how the result is shown. Arguments: the name of the scenario, the rounds.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Scenario, TimeScenario } from '../resilience/scenario.ts';
import { SCENARIOS } from '../resilience/scenarios.ts';
import type { Subject, Work } from '../resilience/subject.ts';
import { SUBJECTS } from '../resilience/subjects.ts';
import { bytesPerObject } from './bytes.ts';
import type { LOOPS } from './loop.ts';
import { processMs } from './process-time.ts';
import type { RawResult } from './result.ts';
import { type Contender, measureRounds } from './rounds.ts';

const REFERENCE = 'bare';
const WARM_UP_MS = 150;
const MOST_REPETITIONS = 9;

const [name, rounds] = process.argv.slice(2);
const scenario = SCENARIOS.find((candidate) => candidate.name === name);
if (scenario === undefined) throw new RangeError(`There is no scenario '${name}'`);
/** Told to leave: some peers keep timers that would hold the process for as long as a breaker is open. */
process.stdout.write(JSON.stringify(await measure(scenario, Number(rounds))), () => process.exit());

async function measure(measured: Scenario, asked: number): Promise<RawResult> {
  const subjects = await Promise.all(Object.values(SUBJECTS).map((make) => make()));
  return measured.kind === 'time' ? await time(measured, subjects, asked) : await weigh(measured, subjects, asked);
}

async function time(measured: TimeScenario, subjects: readonly Subject[], asked: number): Promise<RawResult> {
  const work: Work = async () => 1;
  const contenders: Contender[] = [];
  for (const subject of subjects) {
    const isReference = subject.name === REFERENCE;
    const operation = isReference ? subject.bareCall?.(work) : await measured.operation(subject, work);
    if (operation === undefined) continue;
    const { LOOPS: loops }: { LOOPS: typeof LOOPS } = await import(`./loop.ts?${subject.name}`);
    const loop = loops[isReference ? 'awaited' : measured.loop];
    contenders.push({ name: subject.name, slice: (times) => loop(operation, times) });
  }
  const options = { rounds: asked, now: processMs, turn, warmUpMs: WARM_UP_MS };
  return Object.fromEntries(await measureRounds(contenders, options));
}

async function weigh(
  measured: Extract<Scenario, { readonly kind: 'bytes' }>,
  subjects: readonly Subject[],
  asked: number,
): Promise<RawResult> {
  const result: Record<string, readonly number[]> = {};
  for (const subject of subjects) {
    const make = measured.maker(subject);
    if (make !== undefined) result[subject.name] = await bytesPerObject(make, Math.min(asked, MOST_REPETITIONS));
  }
  return result;
}
