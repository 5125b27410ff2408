/**
 * Owns the list of runtimes, and where each of them is looked for.
 * It must never know how one runs a case.
 */
import { join } from 'node:path';
import { seekChromium } from './chromium.ts';
import type { Place } from './place.ts';
import { type Program, seekProgram } from './program.ts';
import type { Sought } from './runtime.ts';

const HOME = import.meta.dirname;
const ENDING = process.platform === 'win32' ? '.exe' : '';

const run = (): readonly string[] => ['harness/run.js'];

/** The Node of the workspace, alone and as an edge-like platform: what is there wherever the workspace is. */
const OWN: readonly Program[] = [
  { name: `Node ${process.versions.node.split('.')[0]}`, file: process.execPath, platform: 'program', parameters: run },
  { name: 'edge-like, in Node', file: process.execPath, platform: 'web', parameters: edge },
];

const INSTALLED: readonly Program[] = [
  { name: 'Node 22', file: `node-22/bin/node${ENDING}`, platform: 'program', parameters: run },
  { name: 'Node 26', file: `node-26/bin/node${ENDING}`, platform: 'program', parameters: run },
  // Its package names the binary so on every system.
  { name: 'Bun', file: 'bun/bin/bun.exe', platform: 'program', parameters: () => ['--no-install', ...run()] },
  { name: 'Deno', file: `deno/deno${ENDING}`, platform: 'program', parameters: deno },
];

/** Every runtime, found or missing; the workspace's own first. */
export function seekRuntimes(): Promise<readonly Sought[]> {
  const installed = INSTALLED.map((program) => ({ ...program, file: join(HOME, 'node_modules', program.file) }));
  return Promise.all([...[...OWN, ...installed].map(seekProgram), seekChromium()]);
}

function edge({ folder, imports }: Place): readonly string[] {
  const flags = ['--experimental-vm-modules', '--no-warnings'];
  return [...flags, 'harness/edge.js', JSON.stringify({ folder, imports })];
}

/** Permitted are the loopback address, for an example with a server, and the cases themselves. The package needs nothing. */
function deno({ folder }: Place): readonly string[] {
  const permissions = ['--no-prompt', '--allow-net=127.0.0.1', `--allow-read=${folder}`];
  return ['run', '--no-remote', '--node-modules-dir=manual', ...permissions, ...run()];
}
