/**
 * Owns the way to the peers: libraries installed beside the workspace, in `tools/peers`, by the commands that need them.
 * It must never know what a peer is good for.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const PEERS = new URL('../../../../tools/peers/package.json', import.meta.url);
const PACKAGES = new URL('../../../../packages/', import.meta.url);

/** Loads a peer. What it exports is described by whoever asks, as far as it is used. */
export async function loadPeer<Exports>(name: string): Promise<Exports> {
  return await import(pathToFileURL(pathOfPeer(name)).href);
}

/** Loads a peer by `require`, as what it loads in turn is. */
export function requirePeer<Exports>(name: string): Exports {
  return createRequire(PEERS)(name);
}

/** The file that a peer begins with, for whoever uses `require`. */
export function pathOfPeer(name: string): string {
  return createRequire(PEERS).resolve(name);
}

export type Area = 'resilience' | 'pool';

/** What `bench` can be asked for. */
export type BenchArea = Area | 'servers';

/** Who is compared: a package of ours, by its folder, and peers. */
export interface Compared {
  readonly ours: string;
  readonly theirs: readonly string[];
}

const COMPARED: Readonly<Record<BenchArea, readonly Compared[]>> = {
  resilience: [{ ours: 'resilience', theirs: ['cockatiel', 'mollitia', 'opossum', 'p-retry'] }],
  pool: [
    {
      ours: 'pool-core',
      theirs: [...['lightning-pool', 'generic-pool', 'pg-pool', 'tarn'], ...['sequelize-pool', 'mysql2', 'mariadb']],
    },
  ],
  servers: [
    { ours: 'pool-pg', theirs: ['pg', 'pg-pool'] },
    { ours: 'pool-mysql2', theirs: ['mysql2'] },
  ],
};

/** Name and exact version of every library compared, ours before its peers. */
export function versions(area: BenchArea): Readonly<Record<string, string>> {
  return Object.assign({}, ...COMPARED[area].map(versionsOf));
}

/** The same of any others. */
export function versionsOf({ ours, theirs }: Compared): Readonly<Record<string, string>> {
  const { name, version } = JSON.parse(readFileSync(new URL(`${ours}/package.json`, PACKAGES), 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(PEERS, 'utf8'));
  return { [name]: version, ...Object.fromEntries(theirs.map((peer) => [peer, dependencies[peer]])) };
}
