/**
 * Owns the promises about requests: I2, I6, I7 and I12.
 * It must never know anything that can't be seen from outside the pool.
 */
import type { LedgerFault, RequestRecord } from './ledger.ts';
import { type Invariant, newcomers, type Observation, TIMER_SLACK_MS } from './observation.ts';
import { judgeShed, judgeUnshed } from './shedding-invariants.ts';

/** I2. */
export const settledOnce: Invariant = {
  name: 'I2',
  sentence:
    'Every acquire settles exactly once, at the first judgement after its deadline at the latest, and is shed neither early nor late',
  begin({ settings }) {
    const fresh = newcomers<LedgerFault>();
    return ({ ledger, nowMs, judgedAtMs, shedding }) => {
      const fault = fresh(ledger.faults).find(({ kind }) => kind === 'settled-twice');
      if (fault !== undefined) return fault.message;
      for (const request of ledger.waiting.values()) {
        if (request.abortedAtMs !== undefined) return `request ${request.id} was aborted and still waits`;
        if (nowMs > judgedAtMs(request.deadlineMs) + TIMER_SLACK_MS) {
          return `request ${request.id} still waits, its deadline was ${request.deadlineMs} ms`;
        }
        const unshed = judgeUnshed(request, nowMs, settings, shedding);
        if (unshed !== undefined) return unshed;
      }
      for (const request of ledger.settled) {
        const isShed = codeOf(request.error) === 'ACQUIRE_SHED';
        const wrong =
          judgeMoment(request, judgedAtMs(request.deadlineMs)) ??
          (isShed ? judgeShed(request, settings, shedding) : undefined);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    };
  },
};

function judgeMoment(request: RequestRecord, judgedAtMs: number): string | undefined {
  const { id, settledAtMs = 0, startedAtMs, timeoutMs, deadlineMs, error } = request;
  if (settledAtMs > judgedAtMs + TIMER_SLACK_MS) {
    return `request ${id} settled at ${settledAtMs} ms, its deadline was ${deadlineMs} ms`;
  }
  const early = codeOf(error) === 'ACQUIRE_TIMEOUT' && settledAtMs < startedAtMs + timeoutMs - TIMER_SLACK_MS;
  return early ? `request ${id} timed out after ${settledAtMs - startedAtMs} of ${timeoutMs} ms` : undefined;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** I6. */
export const nothingLostByCancelling: Invariant = {
  name: 'I6',
  sentence: 'A cancelled or timed-out waiter never loses a connection: what is leased is in the hands of a caller',
  begin() {
    return ({ snapshot, ledger, told }: Observation) => {
      const { leased } = snapshot.connections;
      if (leased > ledger.held.size) return `${leased} connections are leased, callers hold ${ledger.held.size}`;
      if (told === undefined || told.leasesGranted === ledger.grantedCount) return undefined;
      return `${told.leasesGranted} leases were reported granted, callers got ${ledger.grantedCount}`;
    };
  },
};

/** I7. */
export const nothingEscapes: Invariant = {
  name: 'I7',
  sentence:
    'Nothing the driver does raises an unhandled rejection, a throw out of the pool, or an error that is not typed',
  begin() {
    const fresh = newcomers<LedgerFault>();
    return ({ ledger }) => fresh(ledger.faults).find(({ kind }) => kind === 'escaped')?.message;
  },
};

/** I12. */
export const boundedQueue: Invariant = {
  name: 'I12',
  sentence: 'The queue never outgrows its limit',
  begin({ settings }) {
    const { queueLimit } = settings.acquire;
    return ({ snapshot, ledger }) => {
      const waiting = Math.max(snapshot.waiting, ledger.waiting.size);
      return waiting > queueLimit ? `${waiting} requests wait, the limit is ${queueLimit}` : undefined;
    };
  },
};
