/**
 * Owns the one switch for how often a property is tried: a stand-in for fast-check that overrules each property's own number.
 * It must never know a property, nor change what one means.
 */
import fc, { check, defaultReportMessage, type Parameters, type RunDetails } from 'fast-check';
import { inject, type RunnerTestCase as Test, TestRunner } from 'vitest';
import type { Tried } from './tried.ts';

export * from 'fast-check';

const { runs: numRuns, ...seed } = inject('properties');

type Property<Values> = fc.IAsyncProperty<Values> | fc.IProperty<Values> | fc.IRawProperty<Values>;

/** As fast-check's own, but as often as the command says; the test that it stands in remembers the run. */
export function assert<Values>(property: Property<Values>, parameters: Parameters<Values> = {}): void | Promise<void> {
  const startedAt = performance.now();
  const details = check(property as fc.IRawProperty<Values>, { ...parameters, ...seed, numRuns });
  const finish = (ended: RunDetails<Values>): void => conclude(ended, performance.now() - startedAt);
  return details instanceof Promise ? details.then(finish) : finish(details);
}

function conclude<Values>(details: RunDetails<Values>, tookMs: number): void {
  const { numRuns: cases, seed, failed } = details;
  const tried: Tried = { cases, seed, tookMs };
  const meta = TestRunner.getCurrentTest<Test>().meta;
  meta.properties = [...(meta.properties ?? []), tried];
  if (failed) throw new Error(defaultReportMessage(details), { cause: details.errorInstance });
}

export default { ...fc, assert };
