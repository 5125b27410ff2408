import { describe, expect, it } from 'vitest';
import { failedAtMost, NO_LONGER_THAN_PEERS, type Outcome } from './fault.ts';
import { matrix, missedBy, type Result } from './matrix.ts';

const GOOD: Outcome = {
  ...{ succeeded: 900, failed: 0, codes: {}, hung: 0, late: 0, dials: 2, recoveryMs: 40, longestMs: 300 },
  ...{ refusalMs: undefined, unhandled: [], live: 20, sessions: 20 },
};

describe('the matrix', () => {
  it('says of a contender that it met everything, or what it missed', () => {
    const bad = { ...GOOD, failed: 3, codes: { ECONNRESET: 3 }, hung: 1, sessions: 21 };
    const text = matrix(result([row('good', GOOD), row('bad', bad)]));
    expect(text).toMatch(/\| good .* met \|/);
    expect(text).toMatch(/\| bad .* missed: 0 hung, as many connections on the server as the pool says, ≤ 2 failed \|/);
    expect(text).toContain('Failed with: bad: 3 × `ECONNRESET`.');
  });

  it('shows why a contender has no outcome', () => {
    expect(matrix(result([row('lost', 'no outcome: it ended')]))).toMatch(/lost .* missed: no outcome: it ended \|/);
  });

  it('holds the longest wait against the best of the others', () => {
    const rows = [row('slow', { ...GOOD, longestMs: 500 }), row('fast', { ...GOOD, longestMs: 200 })] as const;
    const one: Result = { ...result(rows), fault: { ...result(rows).fault, required: [NO_LONGER_THAN_PEERS] } };
    expect(rows.map((each) => missedBy(one, each))).toEqual([[NO_LONGER_THAN_PEERS.words], []]);
  });
});

function row(contender: string, outcome: Outcome | string) {
  return { contender, lending: 'exclusive' as const, outcome };
}

function result(rows: Result['rows']): Result {
  const fault = { name: 'storm', title: 'a storm', strike: async () => {}, required: [failedAtMost(2)] };
  return { fault, rows };
}
