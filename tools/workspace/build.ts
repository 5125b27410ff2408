/**
 * Owns `pnpm build`: compiles what changed, quietly, and shows the compiler's words only when it fails.
 * It must never know what any package is for.
 */
import { spawnSync } from 'node:child_process';

const built = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only', '--no-update-notifier'], {
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  encoding: 'utf8',
});
if (built.status !== 0) {
  process.stderr.write(`${built.error ?? ''}${built.stdout}${built.stderr}`);
  process.exitCode = 1;
}
