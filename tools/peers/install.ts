/**
 * Owns the installation of the peers: only when a command asks, only what their lockfile names, beside the workspace.
 * It must never know what a peer is compared for.
 */
import { join } from 'node:path';
import { install, isInstalled } from '../workspace/package-manager.ts';
import { ROOT } from '../workspace/tool.ts';

const HOME = join(ROOT, 'tools/peers');

/** Installs what is missing. Answers what went wrong, in pnpm's words, or undefined. */
export async function installPeers(): Promise<string | undefined> {
  return isInstalled(HOME) ? undefined : install({ folder: HOME, parameters: ['--ignore-workspace'] });
}
