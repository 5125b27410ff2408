import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startMariadb, startPostgres, type TestServer } from './test-server.ts';

const run = promisify(execFile);

describe.each([
  { name: 'PostgreSQL', start: startPostgres },
  { name: 'MariaDB', start: startMariadb },
])('a throwaway $name', ({ start }) => {
  it('answers on its own port once it has started, again after a crash, and no more once it is removed', async () => {
    const server = await start();
    expect(await isListening(server)).toBe(true);
    await server.kill();
    expect(await isListening(server)).toBe(false);
    await server.start();
    expect(await isListening(server)).toBe(true);
    await server.stop();
    expect(await isListening(server)).toBe(false);
    await server.start();
    await server.freeze();
    await server.thaw();
    await server.remove();
    expect(await isListening(server)).toBe(false);
  });

  it('says what the server said when it cannot start', async () => {
    await expect(start({ flags: ['--no-such-flag=1'] })).rejects.toThrow(/no.such.flag/);
  });

  it('does not meet another one that is made at the same moment', async () => {
    const servers = await Promise.all([start(), start()]);
    expect(await Promise.all(servers.map(isListening))).toEqual([true, true]);
    await Promise.all(servers.map((server) => server.remove()));
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const script = `
      const { ${start.name} } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      const server = await ${start.name}();
      console.log(server.port);
      process.kill(process.pid, 'SIGKILL');`;
    const outcome = await run(process.execPath, ['--input-type=module', '-e', script]).catch((error) => error);
    const port = Number(outcome.stdout);
    expect(port).toBeGreaterThan(0);
    await expect.poll(() => isListening({ host: '127.0.0.1', port }), { timeout: 20_000 }).toBe(false);
  });
});

async function isListening({ host, port }: Pick<TestServer, 'host' | 'port'>): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
