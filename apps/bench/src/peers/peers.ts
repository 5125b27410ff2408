/**
 * Owns the way to the peers: libraries installed beside the workspace, in `tools/peers`, by the commands that need them.
 * It must never know what a peer is good for.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const HOME = new URL('../../../../tools/peers/package.json', import.meta.url);
const PACKAGE = new URL('../../../../packages/resilience/package.json', import.meta.url);

/** Loads a peer. What it exports is described by whoever asks, as far as it is used. */
export async function loadPeer<Exports>(name: string): Promise<Exports> {
  return await import(pathToFileURL(createRequire(HOME).resolve(name)).href);
}

/** Name and exact version of every library compared, ours first. */
export function versions(): Readonly<Record<string, string>> {
  const ours = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(HOME, 'utf8'));
  return { [ours.name]: ours.version, ...dependencies };
}
