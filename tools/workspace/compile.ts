/**
 * Owns the build: every package compiled in the order of its dependencies, unchanged ones taken from the cache.
 * It must never know what any package is for.
 */
import { removeStale } from './stale.ts';
import { ROOT, runTool, type ToolRun } from './tool.ts';

/** Compiles what changed. The output holds the compiler's words only where it failed. */
export async function compile(): Promise<ToolRun> {
  const environment = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  const parameters = ['run', 'build', '--output-logs=errors-only', '--no-update-notifier'];
  const run = await runTool('turbo', parameters, { environment });
  if (run.exitCode === 0) removeStale(ROOT);
  return run;
}

/** Compiles for a command that cannot start without it: prints the reason and sets exit code 1 when that fails. */
export async function compileOrExplain(progress: { finish(ending: 'keep' | 'erase'): void }): Promise<boolean> {
  const { exitCode, output } = await compile();
  progress.finish('erase');
  if (exitCode === 0) return true;
  process.stderr.write(`${output}\n`);
  process.exitCode = 1;
  return false;
}
