/**
 * Owns one server process and its folder, in a process of its own: whatever becomes of the one that asked for it, the
 * server ends and the folder goes. It must never outlive its channel, and never touch a process that it did not start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { systemTimers } from '@cryo/resilience';
import type { Order, Reply, ServerKind } from './orders.ts';
import type { Launch, Program, ProgramOptions } from './program.ts';

const STOP_LIMIT_MS = 10_000;
const GONE_LIMIT_MS = 5_000;
const GONE_LOOK_MS = 10;
const KEPT_CHARACTERS = 4_000;

let server: ChildProcess | undefined;
let folder: string | undefined;
let program: Program | undefined;

/** Loaded when asked for: whoever tests with one of them need not have the other. */
const programs: Readonly<Record<ServerKind, (options: ProgramOptions) => Promise<Program>>> = {
  postgres: async (options) => (await import('./postgres-program.ts')).postgresProgram(options),
  mariadb: async (options) => (await import('./mariadb-program.ts')).mariadbProgram(options),
};

process.on('message', (order: Order) => {
  void obey(order).then(
    () => answer({ id: order.id }),
    (error: unknown) => answer({ id: order.id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => void end());

async function obey(order: Order): Promise<void> {
  switch (order.verb) {
    case 'prepare':
      folder = order.options.folder;
      program = await programs[order.kind](order.options);
      return program.prepare();
    case 'start':
      return start();
    case 'kill':
      return kill();
    case 'freeze':
      return void (await signalAll('SIGSTOP'));
    case 'thaw':
      return void (await signalAll('SIGCONT'));
    case 'stop':
      return stop();
  }
}

async function start(): Promise<void> {
  if (program === undefined) throw new Error('the server was not prepared');
  if (server !== undefined) throw new Error('the server is running');
  const launch = await program.launch();
  const child = spawn(launch.file, launch.arguments, { stdio: ['ignore', 'pipe', 'pipe'], ...launch.identity });
  server = child;
  child.once('exit', () => {
    if (server === child) server = undefined;
  });
  await untilReady(child, launch);
}

function untilReady(child: ChildProcess, launch: Launch): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-KEPT_CHARACTERS);
      if (launch.ready.test(said)) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${launch.file} ended with ${code ?? signal}:\n${said}`)));
  });
}

/** As a crash: every process of the server at once, without a chance to say anything. */
async function kill(): Promise<void> {
  const child = server;
  if (child === undefined) return;
  const gone = once(child, 'exit');
  const killed = await signalAll('SIGKILL');
  await gone;
  await untilGone(killed);
}

/** What a killed PostgreSQL shares with its children stays until the last is gone, and until then it can't start again. */
async function untilGone(pids: readonly number[]): Promise<void> {
  for (let left = GONE_LIMIT_MS; left > 0; left -= GONE_LOOK_MS) {
    const are = await Promise.all(pids.map(isAlive));
    if (!are.includes(true)) return;
    await pause(GONE_LOOK_MS);
  }
}

/** One that has ended and waits to be noticed holds nothing any more. */
async function isAlive(pid: number): Promise<boolean> {
  const told = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return told !== undefined && !/\) [ZX] /.test(told);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    systemTimers.set(ms, done, { background: false });
  });
}

async function stop(): Promise<void> {
  const child = server;
  if (child === undefined) return;
  const gone = once(child, 'exit');
  await signalAll('SIGCONT');
  // PostgreSQL takes SIGINT as "end the sessions and stop", MariaDB SIGTERM.
  child.kill(program !== undefined && child.spawnfile.endsWith('postgres') ? 'SIGINT' : 'SIGTERM');
  const limit = systemTimers.set(STOP_LIMIT_MS, () => void signalAll('SIGKILL'), { background: true });
  await gone;
  limit.cancel();
}

async function signalAll(signal: NodeJS.Signals): Promise<readonly number[]> {
  const pid = server?.pid;
  if (pid === undefined) return [];
  const pids = [...(await childrenOf(pid)), pid];
  for (const id of pids) signalOne(id, signal);
  return pids;
}

function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

/** PostgreSQL has a process per connection. Where the system doesn't tell, they end by themselves when their parent has. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return listed.split(' ').filter(Boolean).map(Number);
}

async function end(): Promise<void> {
  await kill();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}

function answer(reply: Reply): void {
  process.send?.(reply);
}
