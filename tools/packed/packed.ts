/**
 * Owns what would be published: every package packed as it goes to the registry, unpacked into a folder where a stranger could use it.
 * It must never know what a package offers.
 */
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageManager } from '../workspace/package-manager.ts';
import { collect, ROOT } from '../workspace/tool.ts';

/** A manifest as it is published. */
export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One unpacked package. */
export interface Packed {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Every file, by its path below the folder. */
  readonly files: ReadonlySet<string>;
}

/** A folder of a stranger's, with every package below its `node_modules` and nothing of the workspace. */
export interface Stranger {
  readonly folder: string;
  readonly packages: readonly Packed[];
  remove(): void;
}

/** Packs and unpacks them all. What their peers are is lent from the workspace. */
export async function packAll(): Promise<Stranger> {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-packed-'));
  const [program, ...first] = packageManager();
  const packing = ['-r', '--filter', './packages/*', 'pack', '--pack-destination', folder];
  const { exitCode, output } = await collect(program, [...first, ...packing]);
  if (exitCode !== 0) throw new Error(`The packages could not be packed:\n${output}`);
  const packages: Packed[] = [];
  for (const archive of globSync('*.tgz', { cwd: folder })) packages.push(await unpack(folder, archive));
  for (const room of readdirSync(join(ROOT, 'packages'))) lendPeers(folder, join(ROOT, 'packages', room));
  lend(folder, '@types/node', ROOT);
  return { folder, packages, remove: () => rmSync(folder, { recursive: true }) };
}

async function unpack(folder: string, archive: string): Promise<Packed> {
  const home = join(folder, 'node_modules', '@cryo', archive.replace(/^cryo-(.+)-\d+\.\d+\.\d+.*\.tgz$/, '$1'));
  mkdirSync(home, { recursive: true });
  const { exitCode, output } = await collect('tar', [
    '-xzf',
    join(folder, archive),
    '-C',
    home,
    '--strip-components=1',
  ]);
  if (exitCode !== 0) throw new Error(`${archive} could not be unpacked:\n${output}`);
  const entries = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(home.length + 1)
      .replaceAll('\\', '/'),
  );
  return {
    folder: home,
    manifest: JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')),
    files: new Set(paths),
  };
}

function lendPeers(folder: string, home: string): void {
  const manifest = join(home, 'package.json');
  if (!existsSync(manifest)) return;
  const { peerDependencies = {} }: Manifest = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const peer of Object.keys(peerDependencies)) lend(folder, peer, home);
}

function lend(folder: string, name: string, from: string): void {
  const link = join(folder, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  if (!existsSync(link)) symlinkSync(join(from, 'node_modules', name), link, 'junction');
}
