/**
 * Owns how a run is told: the table, what was left out and why, what failed, and the page that keeps it.
 * It must never know how a runtime was found or run.
 */
import { table } from '../documents/blocks.ts';
import type { Case } from './case.ts';
import type { Judgement } from './runtime.ts';

/** One row: a runtime with its judgements, or why it was not there. */
export type Row =
  | { readonly state: 'ran'; readonly name: string; readonly version: string; readonly judged: readonly Judgement[] }
  | { readonly state: 'skipped'; readonly name: string; readonly reason: string };

const KINDS = ['example', 'check'] as const;

export function tableOf(rows: readonly Row[]): string {
  const head = ['Runtime', 'Version', 'Examples that hold', 'Checks of real time that hold', 'Fail', 'Left out'];
  return table(
    head,
    rows.map((row) => {
      if (row.state === 'skipped') return [row.name, 'not there', '', '', '', ''];
      const count = (verdict: Judgement['verdict'], kind?: Case['kind']): string =>
        String(row.judged.filter((one) => one.verdict === verdict && (kind ?? one.case.kind) === one.case.kind).length);
      return [row.name, row.version, ...KINDS.map((kind) => count('holds', kind)), count('fails'), count('left out')];
    }),
  );
}

/** What was left out, each with its reason and the runtimes that lack it. */
export function omissions(rows: readonly Row[]): readonly string[] {
  const lacking = new Map<string, Set<string>>();
  for (const row of rows) {
    if (row.state === 'skipped') continue;
    for (const { case: one, verdict, reason } of row.judged) {
      if (verdict !== 'left out') continue;
      const what = `${one.title}: ${reason}`;
      lacking.set(what, (lacking.get(what) ?? new Set()).add(row.name));
    }
  }
  const skipped = rows.flatMap((row) => (row.state === 'skipped' ? [`${row.name}: ${row.reason}`] : []));
  return [...skipped, ...[...lacking].map(([what, names]) => `${what} (${[...names].join('; ')})`)];
}

export function failures(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => {
    if (row.state === 'skipped') return [];
    const failed = row.judged.filter(({ verdict }) => verdict === 'fails');
    return failed.map(({ case: one, reason }) => `${row.name} ${row.version}, ${one.name}: ${reason}`);
  });
}

/** The page of `docs/`. */
export function page(rows: readonly Row[], machine: string, date: string): string {
  const left = omissions(rows).map((line) => `- ${line}`);
  return `# Runtimes

Where the built package \`@cryo/resilience\` was run: every example of its README and guides, and short checks of each policy with real
clocks and timers. Each case runs in a world of its own: a process, a frame of the browser, a context. It holds when it reaches its end,
throws nothing, leaves no rejection unhandled, has made its assertions, and, where there are processes, lets its process end by itself.
Deno permits the loopback address and the reading of the cases, no more. The edge-like platform has no \`process\`, no \`setImmediate\`
and no \`MessageChannel\`, and its timers are numbers.

${tableOf(rows)}

Left out:

${left.length === 0 ? 'Nothing.' : left.join('\n')}

Recorded on ${date}, ${machine}. Again: \`npx pnpm runtimes --record\`
`;
}
