import { describe, expect, it } from 'vitest';
import { summarize } from './summary.ts';
import type { Operation } from './workload.ts';

const OUTAGE = { struckMs: 2_000, healedMs: 5_000, dialsUntilMs: 5_000, aftermathMs: 1_500 };

describe('the summary of a trial', () => {
  it('calls an operation hung that had no answer half a second after its deadline, counted from its lease', () => {
    const inTime = operation({ startMs: 0, leasedMs: 1_000, endMs: 3_400, code: 'X' });
    const tooLate = operation({ startMs: 0, leasedMs: 1_000, endMs: 3_600 });
    const never = operation({ startMs: 0, leasedMs: 1_000 });
    expect(judge([inTime, tooLate, never]).hung).toBe(2);
  });

  it('gives an operation without a lease the time to wait, and its own beside it where no lease is told', () => {
    const waiting = operation({ startMs: 0, endMs: 21_000, code: 'X' });
    expect(judge([waiting], true).hung).toBe(1);
    expect(judge([waiting], false).hung).toBe(0);
  });

  it('calls a failure late that began after the end of the fault and ended past its aftermath', () => {
    const begunAfter = operation({ startMs: 6_000, leasedMs: 6_000, endMs: 6_600, code: 'X' });
    const aftermath = operation({ startMs: 5_100, leasedMs: 5_200, endMs: 6_400, code: 'X' });
    expect(judge([begunAfter, aftermath]).late).toBe(1);
  });

  it('lets an operation that was in flight fail at its own deadline', () => {
    const inFlight = operation({ startMs: 4_000, leasedMs: 4_900, endMs: 6_900, code: 'X' });
    expect(judge([inFlight]).late).toBe(0);
  });

  it('counts the dials between the beginning of the fault and its end', () => {
    const book = { operations: [], tellsLeases: true, dialsAtMs: [1_999, 2_000, 4_000, 5_001], unhandled: [] };
    expect(summarize(book, OUTAGE).dials).toBe(2);
  });

  it('measures the recovery to the first success after the end, and says so when there was none', () => {
    const failed = operation({ startMs: 4_000, endMs: 5_100, code: 'X' });
    const served = operation({ startMs: 5_200, endMs: 5_300 });
    expect(judge([failed, served]).recoveryMs).toBe(300);
    expect(judge([failed]).recoveryMs).toBeUndefined();
  });

  it('tells how fast callers were refused once the outage was known', () => {
    const early = operation({ startMs: 2_100, endMs: 4_100, code: 'X' });
    const refused = operation({ startMs: 3_000, endMs: 3_002, code: 'X' });
    expect(judge([early, refused]).refusalMs).toBe(2);
  });

  it('counts failures by their code', () => {
    const operations = ['A', 'B', 'A'].map((code) => operation({ startMs: 0, endMs: 1, code }));
    expect(judge(operations)).toMatchObject({ succeeded: 0, failed: 3, codes: { A: 2, B: 1 } });
  });
});

function judge(operations: readonly Operation[], tellsLeases = true) {
  return summarize({ operations, tellsLeases, dialsAtMs: [], unhandled: [] }, OUTAGE);
}

function operation(parts: Partial<Operation> & { readonly startMs: number }): Operation {
  return { leasedMs: undefined, endMs: undefined, code: undefined, ...parts };
}
