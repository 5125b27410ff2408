import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const PROCESS = fileURLToPath(new URL('../test/idle-process.ts', import.meta.url));

/** A server that takes any connection and says nothing. */
async function listen(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Starts the process; its output, once it has said `done`, and a promise of its end. */
async function start(kind: string, scene: string, port = 0) {
  const child = spawn(process.execPath, [PROCESS, kind, scene, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let said = '';
  const done = new Promise<void>((resolve) => {
    child.stdout.on('data', (data) => {
      said += String(data);
      if (said.endsWith('done')) resolve();
    });
  });
  await Promise.race([done, ended]);
  return { child, ended, said: () => said };
}

test.each(['ready', 'used'])(
  'an idle pool does not keep a process alive: simulated driver, real timers, %s',
  async (scene) => {
    const { ended, said } = await start('simulated', scene);
    expect(await ended).toBe(0);
    expect(said()).toBe('done');
  },
);

test.each(['ready', 'used'])(
  'an idle pool over sockets lets the process end where the driver can unref: %s',
  async (scene) => {
    const { ended, said } = await start('unref', scene, await listen());
    expect(await ended).toBe(0);
    expect(said()).toBe('done');
  },
);

test('a waiting request keeps the process alive until its deadline, and hears of it', async () => {
  const { ended, said } = await start('simulated', 'waiting');
  expect(await ended).toBe(0);
  expect(said()).toBe('ACQUIRE_TIMEOUT done');
});

test('a leased connection keeps the process alive, for its holder is at work', async () => {
  const { child, ended } = await start('unref', 'leased', await listen());
  // An idle pool beside it has long ended by the time that this one has started and ended.
  expect(await (await start('unref', 'used', await listen())).ended).toBe(0);
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  expect(await ended).toBeNull();
});

test('without ref and unref a connection keeps the process alive, as its socket does by itself', async () => {
  const { child, ended } = await start('keep', 'used', await listen());
  expect(await (await start('unref', 'used', await listen())).ended).toBe(0);
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  expect(await ended).toBeNull();
});
