/**
 * Owns how verdicts look: one row per case, one column per library, and in words how each promise was broken.
 * It must never know how they were found.
 */
import { formatTable } from '../report/table.ts';
import { countKept, type Judgement, type Row } from './judgement.ts';

const SHOWN: Readonly<Record<Judgement['kind'], string>> = {
  holds: 'holds',
  breaks: '**breaks**',
  absent: '–',
  unfit: '?',
};

export function verdictTable(rows: readonly Row[], libraries: readonly string[]): string {
  const head = ['', ...libraries];
  const body = rows.map(({ promise, judgements }) => [promise, ...libraries.map((name) => show(judgements[name]))]);
  const kept = libraries.map((name) => {
    const { holds, of } = countKept(rows, name);
    return `${holds} of ${of}`;
  });
  return formatTable([head, ...body, ['Kept, of those that concern it', ...kept]]);
}

/** What happened instead, for every promise that was not kept. */
export function breakages(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ name, judgements }) =>
    Object.entries(judgements).flatMap(([library, judgement]) =>
      'how' in judgement
        ? [`\`${name}\`, ${library}${judgement.kind === 'unfit' ? ' (no verdict)' : ''}: ${judgement.how}`]
        : [],
    ),
  );
}

/** What is missing where a promise concerns nobody, as far as the case says it. */
export function absences(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ name, judgements }) => {
    const reasons = new Map<string, string[]>();
    for (const [library, judgement] of Object.entries(judgements)) {
      if (judgement.kind !== 'absent' || judgement.why === undefined) continue;
      reasons.set(judgement.why, [...(reasons.get(judgement.why) ?? []), library]);
    }
    return [...reasons].map(([why, libraries]) => `\`${name}\`, ${libraries.join(', ')}: ${why}`);
  });
}

function show(judgement: Judgement | undefined): string {
  return SHOWN[judgement?.kind ?? 'absent'];
}
