import { expect, test } from 'vitest';
import { type SimulationFailure, simulate } from './run.ts';

const STEPS = 200;
const TIME_LIMIT = { timeout: 900_000 };

async function simulateFrom(seed: number, runs: number) {
  console.log(`${runs} runs of ${STEPS} steps, seeds ${seed} to ${seed + runs - 1}`);
  const report = await simulate({ runs, seed, steps: STEPS, mostFailures: 3 });
  expect(report.failures.map(explain)).toEqual([]);
  expect(report.runs).toBe(runs);
  expect(report.steps).toBeGreaterThanOrEqual(runs * STEPS);
}

function explain({ seed, step, message, trace }: SimulationFailure): string {
  const again = `npx pnpm simulate --runs 1 --from-seed ${seed} --steps ${STEPS}`;
  return [`seed ${seed}, step ${step}: ${message}`, ...trace.slice(-30), again].join('\n');
}

test('ten thousand bad days break none of the promises of the pool', TIME_LIMIT, () => simulateFrom(1, 10_000));
