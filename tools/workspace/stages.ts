/**
 * Owns what `pnpm test` runs, stage by stage, and how each stage is judged.
 * It must never know how the result is shown.
 */
import { join } from 'node:path';
import { compile } from './compile.ts';
import type { Progress } from './progress.ts';
import { collect, ROOT, runTool, type ToolOptions, type ToolRun } from './tool.ts';
import { NOTHING, type Verdict } from './verdict.ts';
import type { VerdictMessage } from './verdict-reporter.ts';

export interface StageResult {
  readonly verdict: Verdict;
  /** What to show when the stage failed. */
  readonly output: string;
}

export interface Stage {
  readonly name: string;
  /** Judges built files: skipped, and said so, when the build failed. */
  readonly needsBuild: boolean;
  run(progress: Progress): Promise<StageResult>;
}

const REPORTER = join(import.meta.dirname, 'verdict-reporter.ts');

export const STAGES: readonly Stage[] = [
  { name: 'build', needsBuild: false, run: () => judged(compile()) },
  { name: 'types', needsBuild: true, run: () => judged(runTool('tsc', ['-p', 'tsconfig.check.json'])) },
  { name: 'lint', needsBuild: false, run: () => judged(runTool('biome', ['check', '--error-on-warnings', '.'])) },
  { name: 'tidy', needsBuild: false, run: () => judged(collect(process.execPath, [join(ROOT, 'tools/tidy/main.ts')])) },
  { name: 'tests', needsBuild: true, run: (progress) => runTests({}, progress) },
];

/** Runs every test once. A run that ends without its verdict, or with an error that no test owns, has failed. */
export async function runTests(
  options: { folder?: string; parameters?: readonly string[] },
  progress: Progress,
): Promise<StageResult> {
  let counted: Verdict | undefined;
  const onMessage = (message: unknown): void => {
    if (!isVerdictMessage(message)) return;
    if (message.kind === 'verdict') counted = message.verdict;
    else progress.update(`${message.verdict.passed} done, ${message.verdict.failed} failed`);
  };
  const toolOptions: ToolOptions = { folder: options.folder ?? ROOT, environment: colours(), onMessage };
  const { exitCode, output } = await runTool(
    'vitest',
    [...vitestParameters(), ...(options.parameters ?? [])],
    toolOptions,
  );
  return judgeTests(counted, exitCode, output);
}

/** Output is collected before it is shown, so vitest cannot see for itself whether a terminal waits for it. */
function colours(): Readonly<Record<string, string | undefined>> {
  const isWanted = process.stdout.isTTY && process.stdout.hasColors();
  return isWanted ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: undefined };
}

function vitestParameters(): readonly string[] {
  return ['run', '--allowOnly=false', '--silent=passed-only', '--reporter=minimal', `--reporter=${REPORTER}`];
}

function judgeTests(counted: Verdict | undefined, exitCode: number | undefined, output: string): StageResult {
  if (counted === undefined)
    return { verdict: { ...NOTHING, failed: 1 }, output: `${output}\nThe test run ended without a verdict.` };
  const isEmpty = counted.passed + counted.failed === 0;
  const isUnexplained = exitCode !== 0 && counted.failed === 0;
  return { verdict: isEmpty || isUnexplained ? { ...counted, failed: counted.failed + 1 } : counted, output };
}

async function judged(running: Promise<ToolRun>): Promise<StageResult> {
  const { exitCode, output } = await running;
  return { verdict: { ...NOTHING, ...(exitCode === 0 ? { passed: 1 } : { failed: 1 }) }, output };
}

function isVerdictMessage(message: unknown): message is VerdictMessage {
  return typeof message === 'object' && message !== null && 'kind' in message && 'verdict' in message;
}
