/**
 * Owns the promise about whose turn it is: I3, within a priority class and between them.
 * It must never know anything that can't be seen from outside the pool.
 */
import type { LedgerFault, RequestRecord } from './ledger.ts';
import { type Discipline, type Invariant, newcomers, type Observation } from './observation.ts';
import { StandingWaits } from './shedding-invariants.ts';

/** So many leases in a row may go to others while a class waits; of two classes that are due the lower goes first. */
const PASSED_OVER = { most: 16, mostOfTwo: 17 } as const;
const CLASSES = [1, 0, -1] as const;

/** I3. */
export const inOrder: Invariant = {
  name: 'I3',
  sentence:
    'Within a priority class, requests are granted in the order of the discipline; a higher class goes first, no class that waits is passed over more than 17 times, and nobody is served by a suspended pool',
  begin({ settings, discipline }) {
    const fresh = newcomers<LedgerFault>();
    const turns = new Turns();
    const waits = settings.shedding === false ? undefined : new StandingWaits(settings.shedding);
    return (seen) => {
      const { ledger } = seen;
      const fault = fresh(ledger.faults).find(({ kind }) => kind === 'lent-suspended');
      if (fault !== undefined) return fault.message;
      for (const [index, request] of ledger.settled.entries()) {
        if (request.state !== 'granted') continue;
        const wrong = judgeTurn(request, index, seen, discipline);
        if (wrong !== undefined) return wrong;
      }
      return turns.judge(seen) ?? waits?.judge(seen);
    };
  },
};

function judgeTurn(
  request: RequestRecord,
  index: number,
  { ledger }: Observation,
  discipline: Discipline,
): string | undefined {
  const tell = (other: RequestRecord): string =>
    `request ${request.id} was granted before request ${other.id}, and the order is ${discipline.name}`;
  for (const other of ledger.waiting.values()) {
    // Waiting requests stand in order of arrival: where the order of arrival holds, no older one follows.
    if (other.id > request.id && discipline.mayPrecede === undefined) break;
    if (wrongs(request, other, discipline)) return tell(other);
  }
  for (let next = index + 1; next < ledger.settled.length; next++) {
    const after = ledger.settled[next] as RequestRecord;
    // Promises answered at one instant may be seen in any order.
    if (after.state !== 'granted' || (after.settledAtMs ?? 0) <= (request.settledAtMs ?? 0)) continue;
    if (wrongs(request, after, discipline)) return tell(after);
  }
  return undefined;
}

/** Whether `request` was granted while `other` had the better right to it. */
function wrongs(request: RequestRecord, other: RequestRecord, discipline: Discipline): boolean {
  if (other.priority !== request.priority) return false;
  if (other.id < request.id) return !discipline.mayOvertake(request, other);
  // Who asked at the very instant of the grant may have asked after it.
  if (other.startedAtMs >= (request.settledAtMs ?? 0)) return false;
  return discipline.mayPrecede?.(request, other) === false;
}

/** How often a class was passed over, as far as that can be told: the order within one instant is not known. */
class Turns {
  readonly #least = new Map<number, number>(CLASSES.map((one) => [one, 0]));
  readonly #most = new Map<number, number>(CLASSES.map((one) => [one, 0]));
  #lastMs = Number.NEGATIVE_INFINITY;

  judge({ ledger, nowMs }: Observation): string | undefined {
    const lastMs = this.#lastMs;
    this.#lastMs = nowMs;
    if (ledger.settled.length === 0) return undefined;
    const turns = ledger.settled.filter(tookTurn);
    const wrong = turns.map((turn) => this.#judgeRank(turn, turns.length, ledger.waiting.values())).find(Boolean);
    if (wrong !== undefined) return wrong;
    for (const one of CLASSES) {
      const own = turns.filter(({ priority }) => priority === one).length;
      const others = turns.length - own;
      const oldest = oldestOf(one, ledger.waiting.values());
      const isLasting = own === 0 && oldest !== undefined && oldest.startedAtMs < lastMs;
      const least = isLasting ? (this.#least.get(one) ?? 0) + turns.filter(isGranted).length : 0;
      if (least > PASSED_OVER.mostOfTwo) return `priority ${one} waits and was passed over ${least} times`;
      this.#least.set(one, least);
      this.#most.set(one, oldest === undefined ? 0 : others + (own === 0 ? (this.#most.get(one) ?? 0) : 0));
    }
    return undefined;
  }

  #judgeRank(turn: RequestRecord, count: number, waiting: Iterable<RequestRecord>): string | undefined {
    if (turn.state !== 'granted' || (this.#most.get(turn.priority) ?? 0) + count > PASSED_OVER.most) return undefined;
    for (const other of waiting) {
      if (other.priority <= turn.priority || other.startedAtMs >= (turn.settledAtMs ?? 0)) continue;
      return `request ${turn.id} of priority ${turn.priority} went before request ${other.id} of ${other.priority}`;
    }
    return undefined;
  }
}

/** Those who are refused from the head of the queue take a turn as well. */
function tookTurn({ state, error }: RequestRecord): boolean {
  if (state === 'granted') return true;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'SERVER_UNAVAILABLE' || code === 'MISCONFIGURED';
}

function isGranted({ state }: RequestRecord): boolean {
  return state === 'granted';
}

function oldestOf(priority: number, waiting: Iterable<RequestRecord>): RequestRecord | undefined {
  for (const request of waiting) if (request.priority === priority) return request;
  return undefined;
}
