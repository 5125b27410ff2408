/**
 * Owns the other processes that tests need: they hold locks, run out of files, or are not allowed to write.
 * It must never know what a test expects of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A running program of this folder and the first line that it prints. */
interface OtherProcess {
  readonly child: ChildProcess;
  readonly firstLine: Promise<string>;
}

interface ProcessLimits {
  readonly user?: number;
  readonly openFiles?: number;
}

/** As which user a file is opened, how often, and with how many file handles. */
interface OpenLimits extends ProcessLimits {
  readonly times?: number;
}

/** Holds the write lock of a file, for as many ms as are given or until its input ends. */
export function holdLock(file: string, holdMs?: number): OtherProcess {
  const program = new URL('./hold-lock.ts', import.meta.url);
  return runProgram(program, holdMs === undefined ? [file] : [file, String(holdMs)], {});
}

/** Opens a file in a mode, and prints the first failure, or 'opened'. */
export function openFile(file: string, mode: string, { times = 1, ...limits }: OpenLimits = {}): OtherProcess {
  return runProgram(new URL('./open-file.ts', import.meta.url), [file, mode, String(times)], limits);
}

/** Runs a program of this folder. It is ended when the test is over. */
function runProgram(program: URL, parameters: readonly string[], limits: ProcessLimits): OtherProcess {
  const file = fileURLToPath(program);
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
