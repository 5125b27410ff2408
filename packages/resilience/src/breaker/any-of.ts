/**
 * Owns several rules as one: open as soon as any of them says so.
 * Must never know what any of them looks at.
 */
import { faultsOf, throwFaults } from '../option-rules.ts';
import { NEEDS, TRIP_RULE, type TripRecord, type TripRule } from './trip-rule.ts';

/**
 * Opens when any of the rules does, for the reasons of all that do. Every rule is told of every outcome, and what the most
 * demanding one needs is found out for all. One that throws keeps no other from opening; where none does, its error is thrown.
 *
 *     anyOf(consecutiveFailures(5), failureRate({ rate: 0.5, minimumCalls: 20, windowMs: 10_000 }))
 *
 * @throws InvalidOptionsError when there is no rule, or listing everything that is none
 */
export function anyOf(...rules: readonly TripRule[]): TripRule {
  const faults = rules.flatMap((rule, index) => faultsOf(TRIP_RULE, `rules[${index}]`, rule));
  const none = rules.length === 0 ? [{ path: 'rules', value: rules, expected: 'at least one rule' }] : [];
  throwFaults('anyOf', [...none, ...faults]);
  const needs = NEEDS.findLast((need) => rules.some((rule) => rule.needs === need)) ?? 'counts';
  return { needs, begin: () => new AnyOf(rules.map((rule) => rule.begin())) };
}

class AnyOf implements TripRecord {
  readonly #records: readonly TripRecord[];

  constructor(records: readonly TripRecord[]) {
    this.#records = records;
  }

  succeeded(now: number, durationMs: number | undefined): string | undefined {
    let reasons: string | undefined;
    let fault: Fault | undefined;
    for (const record of this.#records) {
      try {
        reasons = both(reasons, record.succeeded(now, durationMs));
      } catch (error) {
        fault ??= { error };
      }
    }
    return reasonsOr(fault, reasons);
  }

  failed(now: number, durationMs: number | undefined): string | undefined {
    let reasons: string | undefined;
    let fault: Fault | undefined;
    for (const record of this.#records) {
      try {
        reasons = both(reasons, record.failed(now, durationMs));
      } catch (error) {
        fault ??= { error };
      }
    }
    return reasonsOr(fault, reasons);
  }
}

/** What the first rule that threw has thrown. */
interface Fault {
  readonly error: unknown;
}

function reasonsOr(fault: Fault | undefined, reasons: string | undefined): string | undefined {
  if (fault !== undefined && reasons === undefined) throw fault.error;
  return reasons;
}

/** What a rule of the user's answers may be anything: what is no text is no reason. */
function both(reasons: string | undefined, other: unknown): string | undefined {
  if (typeof other !== 'string') return reasons;
  return reasons === undefined ? other : `${reasons}; ${other}`;
}
