/**
 * Owns how many connections a pool needs so that work which holds several leases at once cannot lock itself up.
 * It must never know who holds what.
 */
import { OptionCheck } from '@cryo/resilience';

/** How a pool is used. */
export interface Flows {
  /** How many flows (requests, jobs) run at once, Tn. */
  readonly flows: number;
  /** How many leases each of them holds at once at most, Cm. */
  readonly leasesPerFlow: number;
}

const FLOWS = { min: 1, integer: true, unit: 'flows' };
const LEASES = { min: 1, integer: true, unit: 'leases' };

/**
 * The fewest connections with which flows that hold several at once cannot deadlock: Tn × (Cm − 1) + 1. All may hold one less
 * than they need, and one connection is left to let one of them finish. The source is HikariCP's "About Pool Sizing".
 */
export function deadlockFloor({ flows, leasesPerFlow }: Flows): number {
  return flows * (leasesPerFlow - 1) + 1;
}

/**
 * Judges what is expected of a pool, and then the most connections that it may have, which stand under `bound`. Answers what was
 * judged, read once; nothing where it was not given, or is a fault.
 */
export function checkFlows(
  check: OptionCheck,
  path: string,
  given: unknown,
  most: { readonly bound: string; readonly connections: number },
): Flows | undefined {
  if (given === undefined || !check.type(path, given, 'object')) return undefined;
  check.unknownKeys(path, given as object, ['flows', 'leasesPerFlow']);
  const { flows, leasesPerFlow } = OptionCheck.pick(given, ['flows', 'leasesPerFlow']);
  const areFlows = check.number(`${path}.flows`, flows, FLOWS);
  const areLeases = check.number(`${path}.leasesPerFlow`, leasesPerFlow, LEASES);
  if (!areFlows || !areLeases) return undefined;
  const expected = Object.freeze({ flows, leasesPerFlow }) as Flows;
  const floor = deadlockFloor(expected);
  if (most.connections < floor) {
    const sum = `${flows} × (${leasesPerFlow} − 1) + 1`;
    check.fault(most.bound, most.connections, `at least ${floor} connections, which is ${sum}: fewer can deadlock`);
  }
  return expected;
}
