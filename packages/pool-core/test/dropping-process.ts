/**
 * Owns a process of its own, started with `--expose-gc`, in which a lease is dropped and another one is kept, and what is told.
 * It must never hold the dropped lease, nor an expectation.
 */
import { systemClock, systemRandom, systemTimers } from '@cryo/resilience';
import { createPool } from '../src/pool.ts';
import { simulatedDriver } from '../src/testing/simulated-driver.ts';

const COLLECTIONS = 20;

const { driver } = simulatedDriver({ clock: systemClock, timers: systemTimers, random: systemRandom });
const pool = createPool({
  name: 'dropping',
  driver,
  size: { min: 2, max: 2 },
  leak: { detectDropped: process.argv[2] === 'detect' },
});
const dropped: (string | undefined)[] = [];
pool.on('lease-dropped', ({ label }) => dropped.push(label));

async function drop(): Promise<void> {
  const lease = await pool.acquire({ label: 'forgotten' });
  if (!lease.inForce) throw new Error('it ended too early');
}

await pool.ready();
const kept = await pool.acquire({ label: 'kept' });
await drop();
for (let collection = 0; collection < COLLECTIONS && dropped.length === 0; collection++) {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const { leased } = pool.snapshot().connections;
const again = leased === 1 ? await pool.use(() => 'served') : 'full';
process.stdout.write(JSON.stringify({ dropped, leased, again, kept: kept.inForce }));
kept.release();
await pool.close({ timeoutMs: 1 });
