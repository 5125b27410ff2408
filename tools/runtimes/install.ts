/**
 * Owns the installation of the runtimes: only when asked, only what their lockfile names, beside the workspace.
 * It must never know what they are for. As a program it never fails: what is missing is skipped, and told, by whoever looks for it.
 */
import { install, isInstalled } from '../workspace/package-manager.ts';

const HOME = import.meta.dirname;
/** A few hundred megabytes come. */
const LIMIT_MS = 300_000;

/** Installs what is missing. Answers what went wrong, in pnpm's words, or undefined. */
export async function installRuntimes(): Promise<string | undefined> {
  return isInstalled(HOME) ? undefined : install({ folder: HOME, limitMs: LIMIT_MS });
}

if (import.meta.main) {
  const fault = await installRuntimes();
  if (fault !== undefined) process.stderr.write(`The runtimes could not be installed:\n${fault}\n`);
}
