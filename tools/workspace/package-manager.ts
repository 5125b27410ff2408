/**
 * Owns the installation of a folder beside the workspace, with a lockfile of its own, by the pnpm that runs the command.
 * It must never know what is installed, nor what for.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './tool.ts';

export interface Installation {
  readonly folder: string;
  readonly parameters?: readonly string[];
  /** The installation is given up when it has not ended by then. */
  readonly limitMs?: number;
}

/** Installs what the lockfile names. Answers what went wrong, in pnpm's words, or undefined. */
export async function install({ folder, parameters = [], limitMs }: Installation): Promise<string | undefined> {
  const [program, ...first] = packageManager();
  const options = limitMs === undefined ? { folder } : { folder, limitMs };
  const { exitCode, output } = await collect(
    program,
    [...first, 'install', '--frozen-lockfile', ...parameters],
    options,
  );
  return exitCode === 0 ? undefined : output;
}

/** Whether each dependency that the folder names is there, in that version. */
export function isInstalled(folder: string): boolean {
  const { dependencies } = readJson(join(folder, 'package.json')) as { readonly dependencies: Record<string, string> };
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (!existsSync(manifest)) return false;
    // What goes by another name here is written `npm:name@version`.
    return (readJson(manifest) as { readonly version: string }).version === version.replace(/^npm:.*@/, '');
  });
}

/** The pnpm that runs the command, if one does; else whatever npx finds. */
export function packageManager(): readonly [string, ...string[]] {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: nothing that turbo caches comes by here
  const running = process.env.npm_execpath;
  if (running === undefined || !running.includes('pnpm')) return ['npx', '--yes', 'pnpm'];
  return /\.[cm]?js$/.test(running) ? [process.execPath, running] : [running];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
