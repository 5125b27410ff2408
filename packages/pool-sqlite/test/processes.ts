/**
 * Owns the other processes that tests need: they hold locks, run out of files, or are not allowed to write.
 * It must never know what a test expects of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A running program of this folder and the first line that it prints. */
export interface OtherProcess {
  readonly child: ChildProcess;
  readonly firstLine: Promise<string>;
}

/** How a program is run: as another user, or with few file handles. */
export interface ProcessLimits {
  readonly user?: number;
  readonly openFiles?: number;
}

/** Runs `test/<program>.ts`. It is ended when the test is over. */
export function runProgram(program: string, parameters: readonly string[], limits: ProcessLimits = {}): OtherProcess {
  const file = fileURLToPath(new URL(`./${program}.ts`, import.meta.url));
  const limit = limits.openFiles === undefined ? '' : `ulimit -n ${limits.openFiles};`;
  const child = spawn('sh', ['-c', `${limit} exec "$@"`, 'sh', process.execPath, file, ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(limits.user !== undefined && { uid: limits.user, gid: limits.user }),
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, firstLine: firstLineOf(child) };
}

async function firstLineOf({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return text.split('\n', 1)[0] ?? '';
}
