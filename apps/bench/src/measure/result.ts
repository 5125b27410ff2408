/**
 * Owns what a scenario's process answers, and what becomes of it: a spread for each subject, and a verdict on ours.
 * It must never know how it was measured, nor how it is shown.
 */
import type { Scenario } from '../resilience/scenario.ts';
import { ratiosByRound, type Spread, spreadOf } from './statistics.ts';

/** By subject, one figure per round: ms per operation, or bytes per object. */
export type RawResult = Readonly<Record<string, readonly number[]>>;

export interface Result {
  readonly scenario: string;
  readonly title: string;
  readonly unit: 'ratio' | 'bytes';
  readonly budget: number;
  readonly verdict: 'met' | 'missed' | 'not measured';
  /** By subject; a subject that cannot do it is not there. */
  readonly figures: Readonly<Record<string, Spread>>;
}

const REFERENCE = 'bare';
const OURS = 'cryo';

export function judge(scenario: Scenario, raw: RawResult): Result {
  const { name, title, budget } = scenario;
  const figures = Object.fromEntries(
    Object.entries(raw).map(([subject, values]) => [subject, spreadOf(comparable(scenario, values, raw))]),
  );
  const ours = figures[OURS]?.median;
  const verdict = ours === undefined ? 'not measured' : ours <= budget ? 'met' : 'missed';
  return { scenario: name, title, unit: scenario.kind === 'time' ? 'ratio' : 'bytes', budget, verdict, figures };
}

function comparable(scenario: Scenario, values: readonly number[], raw: RawResult): readonly number[] {
  return scenario.kind === 'time' ? ratiosByRound(values, raw[REFERENCE] ?? []) : values;
}
