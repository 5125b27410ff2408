/**
 * Owns the installation of the peers: only when a command asks, only what their lockfile names, beside the workspace.
 * It must never know what a peer is compared for.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect, ROOT } from '../workspace/tool.ts';

const HOME = join(ROOT, 'tools/peers');
const PARAMETERS = ['install', '--frozen-lockfile', '--ignore-workspace'];

/** Installs what is missing. Answers what went wrong, in pnpm's words, or undefined. */
export async function installPeers(): Promise<string | undefined> {
  if (isInstalled()) return undefined;
  const [program, ...parameters] = packageManager();
  const { exitCode, output } = await collect(program, [...parameters, ...PARAMETERS], { folder: HOME });
  return exitCode === 0 ? undefined : output;
}

function isInstalled(): boolean {
  const { dependencies } = readJson('package.json') as { readonly dependencies: Readonly<Record<string, string>> };
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = join('node_modules', name, 'package.json');
    if (!existsSync(join(HOME, manifest))) return false;
    return (readJson(manifest) as { readonly version: string }).version === version;
  });
}

/** The pnpm that runs the command, if one does. */
function packageManager(): readonly [string, ...string[]] {
  const running = process.env.npm_execpath;
  if (running === undefined || !running.includes('pnpm')) return ['npx', '--yes', 'pnpm'];
  return /\.[cm]?js$/.test(running) ? [process.execPath, running] : [running];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(HOME, path), 'utf8'));
}
