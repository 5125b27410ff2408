/**
 * Owns the list of what can be measured: each area with its scenarios and the way to measure one.
 * It must never know how a scenario is measured.
 */
import type { Result } from './measure/result.ts';
import type { BenchArea } from './peers/peers.ts';
import { measurePools } from './pool/measure.ts';
import { SCENARIOS as POOL_SCENARIOS } from './pool/scenarios.ts';
import { measureResilience } from './resilience/measure.ts';
import { SCENARIOS as RESILIENCE_SCENARIOS } from './resilience/scenarios.ts';
import { measureServers } from './servers/measure.ts';
import { SCENARIOS as SERVER_SCENARIOS } from './servers/scenario.ts';

export interface Measurable {
  readonly name: string;
  readonly title: string;
  measure(rounds: number): Promise<readonly Result[]>;
}

export const AREAS: Readonly<Record<BenchArea, readonly Measurable[]>> = {
  resilience: RESILIENCE_SCENARIOS.map((scenario) => ({
    name: scenario.name,
    title: scenario.title,
    measure: (rounds) => measureResilience(scenario, rounds),
  })),
  pool: POOL_SCENARIOS.map((scenario) => ({
    name: scenario.name,
    title: scenario.rows.map(({ title }) => title).join('; '),
    measure: (rounds) => measurePools(scenario, rounds),
  })),
  servers: SERVER_SCENARIOS.map((scenario) => ({
    name: scenario.name,
    title: scenario.title,
    measure: (rounds) => measureServers(scenario, rounds),
  })),
};
