import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { CallContext } from '@cryo/resilience';
import { afterAll, beforeAll, describe, it, test } from 'vitest';
import { driverConformance } from '../src/index.ts';
import { redisDriver } from './redis-driver.ts';

const PROGRAM = 'redis-server';
const INSTALLER = 'apt-get';
const HOST = '127.0.0.1';
const PASSWORD = 'winter-is-cold';
const HAS_REDIS = findRedis();
const port = await freePort();
const closedPort = await freePort();
const mute: Server = createServer(() => {});
let redis: ChildProcess | undefined;

beforeAll(async () => {
  if (!HAS_REDIS) return;
  mute.listen(0, HOST);
  await once(mute, 'listening');
  const flags = ['--port', String(port), '--bind', HOST, '--save', '', '--appendonly', 'no', '--requirepass', PASSWORD];
  redis = spawn(PROGRAM, flags, { stdio: 'ignore' });
  while ((await ask('PING').catch(() => 'not yet')) !== 'PONG');
});

afterAll(() => {
  redis?.kill('SIGKILL');
  mute.close();
});

const server = () => ({ host: HOST, port, password: PASSWORD });
const context = () => new CallContext(Infinity);

/** Says something to the server over a connection of its own. */
async function ask(...words: readonly string[]): Promise<string> {
  const connection = await redisDriver(server()).open(context());
  try {
    return await connection.command(...words);
  } finally {
    connection.socket.destroy();
  }
}

if (HAS_REDIS)
  driverConformance(
    { describe, it },
    {
      name: 'Redis',
      createDriver: () => redisDriver(server()),
      use: (connection) => connection.command('ECHO', 'hello'),
      breakConnection: ({ socket }) => ask('CLIENT', 'KILL', 'ADDR', `${socket.localAddress}:${socket.localPort}`),
      silence: async ({ socket }) => {
        socket.pause();
        return () => socket.resume();
      },
      countConnections: async () => (await ask('CLIENT', 'LIST')).trim().split('\n').length - 1,
      stains: {
        'another database': {
          leave: (connection) => connection.command('SELECT', '3'),
          inspect: async (connection) => / db=(\d+)/.exec(await connection.command('CLIENT', 'INFO'))?.[1],
        },
        'an open transaction': {
          leave: (connection) => connection.command('MULTI'),
          inspect: (connection) => connection.command('ECHO', 'seen'),
        },
      },
      failStatement: (connection) => connection.command('NONSENSE'),
      createUnreachable: () => redisDriver({ ...server(), port: closedPort }),
      createSilent: () => redisDriver({ ...server(), port: portOf(mute) }),
      createMisconfigured: () => redisDriver({ ...server(), password: 'summer-is-warm' }),
      secrets: [PASSWORD, 'summer-is-warm'],
    },
  );
else
  test('the driver for Redis keeps the contract of a driver', (running) => {
    if (process.env.CRYO_REQUIRE_SERVERS === '1')
      throw new Error('there is no redis-server, and it could not be installed');
    running.skip('there is no redis-server, and it could not be installed by apt-get');
  });

function findRedis(): boolean {
  const isThere = (): boolean => spawnSync(PROGRAM, ['--version']).status === 0;
  if (isThere()) return true;
  spawnSync(INSTALLER, ['install', '-y', PROGRAM], { stdio: 'ignore', timeout: 50_000 });
  return isThere();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const found = portOf(probe);
  await new Promise((closed) => probe.close(closed));
  return found;
}

function portOf(listening: Server): number {
  const address = listening.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
