/**
 * Owns how the workspace's own tools are run: the very versions that the lockfile names, found below the root.
 * It must never know what a tool is run for, nor print anything itself.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

const ENTRIES = {
  biome: '@biomejs/biome/bin/biome',
  knip: 'knip/bin/knip.js',
  tsc: 'typescript/bin/tsc',
  turbo: 'turbo/bin/turbo',
  vitest: 'vitest/vitest.mjs',
} as const;

export type Tool = keyof typeof ENTRIES;

export interface ToolRun {
  /** `undefined` when a signal ended the process. */
  readonly exitCode: number | undefined;
  /** What the tool printed on both streams, in the order in which it arrived. */
  readonly output: string;
}

export interface ToolOptions {
  readonly folder?: string;
  /** Added to the environment of this process; `undefined` takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The process is killed when it has not ended by then. */
  readonly limitMs?: number;
  /** Called with every message that the process sends on its own channel. */
  readonly onMessage?: (message: unknown) => void;
}

/** Runs a tool to its end and collects what it prints. It never rejects because the tool failed. */
export function runTool(tool: Tool, parameters: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
  return collect(process.execPath, [join(ROOT, 'node_modules', ENTRIES[tool]), ...parameters], options);
}

/** Runs any program to its end, as {@link runTool} does. */
export function collect(program: string, parameters: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
  const spawnOptions: SpawnOptions = {
    cwd: options.folder ?? ROOT,
    env: { ...process.env, ...options.environment },
    ...(options.limitMs === undefined ? {} : { timeout: options.limitMs, killSignal: 'SIGKILL' }),
    stdio: ['ignore', 'pipe', 'pipe', ...(options.onMessage === undefined ? [] : (['ipc'] as const))],
  };
  const child = spawn(program, parameters, spawnOptions);
  if (options.onMessage !== undefined) child.on('message', options.onMessage);
  return settled(child);
}

function settled(child: ChildProcess): Promise<ToolRun> {
  const pieces: Buffer[] = [];
  child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr?.on('data', (piece: Buffer) => pieces.push(piece));
  return new Promise((done) => {
    const finish = (exitCode: number | undefined, note: string): void =>
      done({ exitCode, output: `${Buffer.concat(pieces).toString('utf8')}${note}`.trim() });
    child.on('error', (error) => finish(undefined, `\n${error.message}`));
    child.on('close', (code, signal) => finish(code ?? undefined, signal === null ? '' : `\nended by ${signal}`));
  });
}
