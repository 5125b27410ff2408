/**
 * Owns a process of its own that makes a pool over real sockets, does what it is told with it, and does not close it.
 * It must never end itself: whether it ends is the question.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { systemClock, systemRandom, systemTimers } from '@cryo/resilience';
import type { Driver } from '../src/driver.ts';
import { createPool } from '../src/pool.ts';
import { simulatedDriver } from '../src/testing/simulated-driver.ts';

const [kind, scene, port] = process.argv.slice(2);

function socketDriver({ unrefs }: { readonly unrefs: boolean }): Driver<Socket> {
  const driver: Driver<Socket> = {
    name: 'sockets',
    async open({ signal }) {
      const socket = connect({ host: '127.0.0.1', port: Number(port), signal });
      await once(socket, 'connect');
      return socket;
    },
    async check() {},
    async close(socket) {
      await once(socket.end(), 'close');
    },
    destroy: (socket) => void socket.destroy(),
    watch(socket, broken) {
      socket.on('error', broken);
      return () => void socket.off('error', broken);
    },
  };
  if (!unrefs) return driver;
  return { ...driver, ref: (socket) => void socket.ref(), unref: (socket) => void socket.unref() };
}

async function play(pool: ReturnType<typeof createPool<unknown>>): Promise<void> {
  if (scene === 'ready') await pool.ready();
  if (scene === 'used') await pool.use(() => {});
  if (scene === 'leased') await pool.acquire();
  if (scene === 'waiting') {
    await pool.acquire();
    await pool.acquire({ timeoutMs: 300 }).catch((error: { readonly code: string }) => {
      process.stdout.write(`${error.code} `);
    });
  }
  process.stdout.write('done');
}

function makePool(): ReturnType<typeof createPool<unknown>> {
  const size = { min: 1, max: scene === 'waiting' ? 1 : 2 };
  const logger = { info: () => {}, warn: () => {} };
  const shared = { name: 'idle', size, logger, metrics: { reportIntervalMs: 60_000 } };
  if (kind === 'simulated') {
    const { driver } = simulatedDriver({ clock: systemClock, timers: systemTimers, random: systemRandom });
    return createPool<never>({ ...shared, driver: driver as Driver<never> });
  }
  return createPool<never>({ ...shared, driver: socketDriver({ unrefs: kind === 'unref' }) as Driver<never> });
}

await play(makePool());
