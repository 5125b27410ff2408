/**
 * Owns how results look: a figure with its quartiles, ours against the budget, one row per scenario.
 * It must never know how they were measured.
 */
import type { Result } from '../measure/result.ts';
import type { Spread } from '../measure/statistics.ts';
import { formatTable } from './table.ts';

const OURS = 'cryo';
const REFERENCE = 'bare';
const MISSING = '–';

/** One row per scenario, ours first; the reference is 1 by definition and left out. */
export function resultTable(results: readonly Result[]): string {
  const peers = [...new Set(results.flatMap(({ figures }) => Object.keys(figures)))].filter(
    (subject) => subject !== REFERENCE && subject !== OURS,
  );
  const head = ['', 'cryo', 'budget', '', ...peers];
  const rows = results.map((result) => [
    `${result.title}, ${result.unit}`,
    cell(result, OURS),
    `≤ ${result.budget}`,
    result.verdict,
    ...peers.map((peer) => cell(result, peer)),
  ]);
  return formatTable([head, ...rows]);
}

function cell({ figures, unit }: Result, subject: string): string {
  const figure = figures[subject];
  return figure === undefined ? MISSING : formatSpread(figure, unit);
}

/** The median, and the quartiles in brackets unless they read the same. */
export function formatSpread({ lower, median, upper }: Spread, unit: Result['unit']): string {
  const [low, middle, high] = [lower, median, upper].map((value) => formatFigure(value, unit));
  return low === middle && middle === high ? `${middle}` : `${middle} (${low}–${high})`;
}

function formatFigure(value: number, unit: Result['unit']): string {
  if (!unit.startsWith('×'))
    return Number.isInteger(value) || value >= 100 ? Math.round(value).toString() : value.toFixed(1);
  return value < 1 ? value.toFixed(3) : value < 10 ? value.toFixed(2) : value.toFixed(0);
}
