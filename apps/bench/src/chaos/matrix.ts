/**
 * Owns the matrix as people read it: a table for each fault, a row for each contender, and what of the required was met.
 * It must never know how a trial is run.
 */
import { formatTable } from '../report/table.ts';
import type { ContenderKind } from './contender.ts';
import { ALWAYS, type ChaosFault, type Outcome } from './fault.ts';

export interface Row {
  readonly contender: string;
  readonly lending: ContenderKind['lending'];
  /** A text: why there is no outcome. */
  readonly outcome: Outcome | string;
}

export interface Result {
  readonly fault: ChaosFault;
  readonly rows: readonly Row[];
}

const HEAD = [
  '',
  'served',
  'failed',
  'hung',
  'unhandled',
  'dials',
  'first success',
  'longest',
  'pool / server',
  'required',
];
const MOST_CODES = 4;

/** What a contender missed, in words; empty: nothing. */
export function missedBy({ fault, rows }: Result, { contender, lending, outcome }: Row): readonly string[] {
  if (typeof outcome === 'string') return [outcome];
  const peers = rows.flatMap((row) =>
    row.contender === contender || row.lending !== lending || typeof row.outcome === 'string' ? [] : [row.outcome],
  );
  return [...ALWAYS, ...fault.required]
    .filter((requirement) => !requirement.isMet(outcome, peers))
    .map(({ words }) => words);
}

export function matrix(result: Result): string {
  const { fault, rows } = result;
  const codes = rows.flatMap(({ contender, outcome }) =>
    typeof outcome === 'string' || outcome.failed === 0 ? [] : [`${contender}: ${codesOf(outcome)}`],
  );
  return [
    `${fault.title.charAt(0).toUpperCase()}${fault.title.slice(1)}.`,
    `Required: ${fault.required.map(({ words }) => words).join(', ')}.`,
    formatTable([HEAD, ...rows.map((row) => cells(result, row))]),
    ...(codes.length === 0 ? [] : [`Failed with: ${codes.join('; ')}.`]),
  ].join('\n\n');
}

function cells(result: Result, row: Row): readonly string[] {
  const { contender, outcome } = row;
  const missed = missedBy(result, row);
  const verdict = missed.length === 0 ? 'met' : `missed: ${missed.join(', ')}`;
  if (typeof outcome === 'string') return [contender, ...HEAD.slice(2).map(() => '–'), verdict];
  return [
    contender,
    ...[outcome.succeeded, outcome.failed, outcome.hung, outcome.unhandled.length, outcome.dials].map(String),
    outcome.recoveryMs === undefined ? 'never' : `${outcome.recoveryMs} ms`,
    `${outcome.longestMs} ms`,
    `${outcome.live ?? 'untold'} / ${outcome.sessions}`,
    verdict,
  ];
}

function codesOf({ codes }: Outcome): string {
  const sorted = Object.entries(codes).toSorted(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, MOST_CODES).map(([code, count]) => `${count} × \`${code}\``);
  return [...shown, ...(sorted.length > MOST_CODES ? [`${sorted.length - MOST_CODES} more`] : [])].join(', ');
}
