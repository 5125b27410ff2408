/**
 * Owns the figures under load as people read them, and what of the required was met.
 * It must never know how they were measured.
 */
import { formatTable } from '../report/table.ts';
import type { LoadResult } from './load-order.ts';

export interface LoadRow {
  readonly contender: string;
  readonly workers: number;
  /** A text: why there is none. */
  readonly result: LoadResult | string;
}

/** Acquisition at 60 % of the capacity, in ms, and the wait of the closed loop over the least there can be. */
const REQUIRED = { p50Ms: 1, p95Ms: 10, waitRatio: 1.15 } as const;

const HEAD = ['', 'workers', 'capacity', 'p50', 'p95', 'p99', 'longest', 'late', 'wait ÷ least', 'failed', 'required'];

/** What was missed, in words; empty: nothing. */
export function missedBy({ result }: LoadRow): readonly string[] {
  if (typeof result === 'string') return [result];
  const { open, waitRatio, failed } = result;
  return [
    ...(open.p50 < REQUIRED.p50Ms ? [] : [`p50 < ${REQUIRED.p50Ms} ms`]),
    ...(open.p95 < REQUIRED.p95Ms ? [] : [`p95 < ${REQUIRED.p95Ms} ms`]),
    ...((waitRatio ?? 0) <= REQUIRED.waitRatio ? [] : [`wait ≤ ${REQUIRED.waitRatio} × the least`]),
    ...(failed === 0 ? [] : ['0 failed']),
  ];
}

export function loadTable(rows: readonly LoadRow[]): string {
  return formatTable([HEAD, ...rows.map(cells)]);
}

function cells(row: LoadRow): readonly string[] {
  const { contender, workers, result } = row;
  const missed = missedBy(row);
  const verdict = missed.length === 0 ? 'met' : `missed: ${missed.join(', ')}`;
  if (typeof result === 'string') return [contender, String(workers), ...HEAD.slice(3).map(() => '–'), verdict];
  const { open, waitRatio } = result;
  return [
    contender,
    String(workers),
    `${Math.round(result.capacity)} / s`,
    ...[open.p50, open.p95, open.p99, open.longest, open.late].map((ms) => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`),
    waitRatio === undefined ? '–' : waitRatio.toFixed(2),
    `${result.failed} of ${result.operations}`,
    verdict,
  ];
}
