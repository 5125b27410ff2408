import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { InvalidOptionsError } from '@cryo/resilience';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChaosProxy, startProxy } from './proxy.ts';

let echo: Server;
let atServer: Socket[];
let proxy: ChaosProxy;
const dialled: Socket[] = [];

beforeEach(async () => {
  atServer = [];
  echo = createServer((socket) => {
    atServer.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  proxy = await startProxy({ target: { host: '127.0.0.1', port: address.port } });
});

afterEach(async () => {
  for (const socket of dialled.splice(0)) socket.destroy();
  await proxy.remove();
  echo.close();
});

describe('a network without faults', () => {
  it('carries every byte there and back, in order', async () => {
    const socket = await dial();
    const sent = Buffer.alloc(300_000, 'cold');
    socket.write(sent);
    expect(await read(socket, sent.length)).toEqual(sent);
  });

  it('carries the end of a connection too', async () => {
    const socket = await dial();
    await exchange(socket, 'x');
    socket.end();
    await once(socket, 'close');
    await expect.poll(() => proxy.counts()).toEqual({ accepted: 1, links: 0 });
  });
});

describe('a fault', () => {
  it('refusal refuses new connections and leaves the old ones alone, until it is healed', async () => {
    const old = await dial();
    await proxy.apply({ kind: 'refusal' });
    await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await exchange(old, 'still here')).toBe('still here');
    await proxy.heal();
    expect(await exchange(await dial(), 'again')).toBe('again');
  });

  it('silence holds every byte back, and gives it out when the network is good again', async () => {
    const old = await dial();
    await exchange(old, 'x');
    await proxy.apply({ kind: 'silence' });
    const young = await dial();
    const answers = Promise.all([exchange(old, 'old'), exchange(young, 'young')]);
    const first = await Promise.race([answers, pause(60)]);
    expect(first).toBe('nothing');
    await proxy.heal();
    expect(await answers).toEqual(['old', 'young']);
  });

  it('silence that kills lets only new connections work', async () => {
    const old = await dial();
    await exchange(old, 'x');
    await proxy.apply({ kind: 'silence' });
    await proxy.heal({ links: 'dead' });
    const answer = exchange(old, 'anybody?');
    expect(await exchange(await dial(), 'me')).toBe('me');
    expect(await Promise.race([answer, pause(60)])).toBe('nothing');
    old.destroy();
    await expect.poll(() => atServer[0]?.destroyed).toBe(true);
  });

  it('silence that kills does not keep the server waiting for clients that left meanwhile', async () => {
    const old = await dial();
    await exchange(old, 'x');
    await proxy.apply({ kind: 'silence' });
    old.destroy();
    await pause(60);
    expect(atServer[0]?.destroyed).toBe(false);
    await proxy.heal({ links: 'dead' });
    await expect.poll(() => atServer[0]?.destroyed).toBe(true);
    expect(proxy.counts().links).toBe(0);
  });

  it('silence swallows the end of a connection as well, until it is healed', async () => {
    const socket = await dial();
    await exchange(socket, 'x');
    await proxy.apply({ kind: 'silence' });
    socket.destroy();
    await pause(60);
    expect(atServer[0]?.destroyed).toBe(false);
    await proxy.heal();
    await expect.poll(() => atServer[0]?.destroyed).toBe(true);
  });

  it('latency makes every answer at least so much later, there and back', async () => {
    const socket = await dial();
    await proxy.apply({ kind: 'latency', ms: 50 });
    const start = performance.now();
    expect(await exchange(socket, 'late')).toBe('late');
    expect(performance.now() - start).toBeGreaterThan(99);
  });

  it('bandwidth lets so many bytes through in a second', async () => {
    const socket = await dial();
    await proxy.apply({ kind: 'bandwidth', bytesPerSecond: 10_000 });
    const start = performance.now();
    socket.write(Buffer.alloc(2_000));
    await read(socket, 2_000);
    expect(performance.now() - start).toBeGreaterThan(190);
  });

  it('reset tells both sides at once', async () => {
    const socket = await dial();
    await exchange(socket, 'x');
    const failed = once(socket, 'error');
    proxy.resetLinks();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    await expect.poll(() => atServer[0]?.destroyed).toBe(true);
  });

  it('reset closes a connection too of which one side is just saying its last word', async () => {
    const socket = await dial();
    await exchange(socket, 'x');
    await proxy.apply({ kind: 'silence' });
    atServer[0]?.end();
    await pause(60);
    const healed = proxy.heal();
    proxy.resetLinks();
    await healed;
    await expect.poll(() => proxy.counts().links).toBe(0);
    await expect.poll(() => atServer[0]?.destroyed).toBe(true);
  });

  it('a lost server is something that the client is not told', async () => {
    const socket = await dial();
    await exchange(socket, 'x');
    proxy.loseServers();
    await expect.poll(() => atServer[0]?.destroyed).toBe(true);
    expect(socket.destroyed).toBe(false);
    expect(await Promise.race([exchange(socket, 'hello?'), pause(60)])).toBe('nothing');
  });

  it('a redirection is for new connections only', async () => {
    const old = await dial();
    await exchange(old, 'x');
    const other = createServer((socket) => socket.end('other'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    proxy.redirect({ host: '127.0.0.1', port: address.port });
    expect((await read(await dial(), 5)).toString('utf8')).toBe('other');
    expect(await exchange(old, 'old')).toBe('old');
    other.close();
  });

  it('that is none is refused by name', async () => {
    await expect(proxy.apply({ kind: 'latency', ms: Number.NaN })).rejects.toThrow(InvalidOptionsError);
    await expect(proxy.apply({ kind: 'bandwidth', bytesPerSecond: 0 })).rejects.toThrow(/bytesPerSecond/);
  });

  it('needs a server to lead to', async () => {
    await expect(startProxy(undefined as never)).rejects.toThrow(/startProxy: target is undefined/);
    await expect(startProxy({ target: { host: 1, port: 0 } } as never)).rejects.toThrow(/host is 1.*port is 0/);
  });
});

async function dial(): Promise<Socket> {
  const socket = connect(proxy.port, proxy.host);
  dialled.push(socket);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

async function exchange(socket: Socket, word: string): Promise<string> {
  socket.write(word);
  return (await read(socket, word.length)).toString('utf8');
}

function read(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const take = (bytes: Buffer) => {
      got = Buffer.concat([got, bytes]);
      if (got.length < length) return;
      socket.off('data', take);
      resolve(got);
    };
    socket.on('data', take);
  });
}

function pause(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('nothing'), ms));
}
