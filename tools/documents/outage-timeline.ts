/**
 * Owns the measured outage: a pool, its callers and a server that dies, on a clock that moves only when told.
 * It must never hold a number that was not measured.
 */
import { createPool, type Driver, type Pool } from '@cryo/pool-core';
import {
  type SimulatedConnection,
  type SimulatedDriver,
  SimulatedError,
  simulatedDriver,
} from '@cryo/pool-core/testing';
import { type CallContext, isCryoError } from '@cryo/resilience';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { readable, table } from './blocks.ts';

const WORKERS = 20;
const HEALTHY_MS = 5_000;
const OUTAGE_MS = 30_000;
const AFTERWARDS_MS = 15_000;
const QUERY_TIMEOUT_MS = 2_000;
const PAUSE_MS = 100;

type Death = 'refuses' | 'is silent';

/** What callers and the pool saw; times in ms since the death, or since the return. */
interface Measured {
  readonly firstFailureMs: number;
  readonly breakerOpenMs: number;
  readonly dials: number;
  readonly failures: ReadonlyMap<string, number>;
  readonly longestFailureMs: number;
  readonly firstSuccessMs: number;
  readonly allBackMs: number;
  readonly lostAfterwards: number;
}

/** The table of both deaths. */
export async function outageTimeline(): Promise<string> {
  const refused = await measure('refuses');
  const silent = await measure('is silent');
  const time = (ms: number) => (Number.isFinite(ms) ? `${readable(Math.round(ms))} ms` : 'never');
  const codes = ({ failures }: Measured) =>
    [...failures].map(([code, count]) => `${readable(count)} \`${code}\``).join(', ');
  const row = (what: string, show: (measured: Measured) => string) => [what, show(refused), show(silent)];
  return table(
    ['', 'the server refuses', 'the server is silent'],
    [
      row('first caller that hears of it', (one) => time(one.firstFailureMs)),
      row('dial breaker open', (one) => time(one.breakerOpenMs)),
      row(`dials in ${OUTAGE_MS / 1_000} s of outage`, (one) => String(one.dials)),
      row('what callers got', codes),
      row('longest that a caller was kept before it failed', (one) => time(one.longestFailureMs)),
      row('first success after the server is back', (one) => time(one.firstSuccessMs)),
      row('every caller served again after', (one) => time(one.allBackMs)),
      row('failures after that', (one) => String(one.lostAfterwards)),
    ],
  );
}

class Outage {
  readonly clock = new VirtualClock();
  readonly simulated: SimulatedDriver;
  readonly pool: Pool<SimulatedConnection>;
  readonly failures: { readonly atMs: number; readonly tookMs: number; readonly code: string }[] = [];
  readonly successes: { readonly atMs: number; readonly worker: number }[] = [];
  readonly opened: number[] = [];

  constructor() {
    const { clock } = this;
    const random = seededRandom(7);
    const behaviour = { open: { latencyMs: [5, 15] }, query: { latencyMs: [2, 10] } } as const;
    this.simulated = simulatedDriver({ clock, timers: clock, random, behaviour, resets: false });
    const driver = heedingSignals(this.simulated.driver);
    this.pool = createPool({ name: 'orders', driver, size: { min: 3, max: 10 }, clock, timers: clock, random });
    this.pool.on('breaker-changed', ({ to }) => {
      if (to === 'open') this.opened.push(clock.now());
    });
  }

  async work(worker: number, untilMs: number): Promise<void> {
    const { clock, pool } = this;
    await this.pause(worker * (PAUSE_MS / WORKERS));
    while (clock.now() < untilMs) {
      const startedAtMs = clock.now();
      try {
        await pool.use((connection) => this.query(connection));
        this.successes.push({ atMs: clock.now(), worker });
      } catch (error) {
        const code = isCryoError(error) ? error.code : 'connection lost';
        this.failures.push({ atMs: clock.now(), tookMs: clock.now() - startedAtMs, code });
      }
      await this.pause(PAUSE_MS);
    }
  }

  /** With the time limit that a driver has of its own. */
  query(connection: SimulatedConnection): Promise<void> {
    const timeout = this.pause(QUERY_TIMEOUT_MS).then(() => {
      throw new SimulatedError('the query took too long', 'connection-lost');
    });
    return Promise.race([connection.query(), timeout]);
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.set(ms, resolve, { background: false }));
  }
}

/** What a silent server leaves hanging ends when its signal aborts, as with any socket. */
function heedingSignals(driver: Driver<SimulatedConnection>): Driver<SimulatedConnection> {
  const aborted = ({ signal }: CallContext) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  return {
    ...driver,
    open: (context) => Promise.race([driver.open(context), aborted(context)]),
    check: (connection, context) => Promise.race([driver.check(connection, context), aborted(context)]),
    close: (connection, context) => Promise.race([driver.close(connection, context), aborted(context)]),
  };
}

async function measure(death: Death): Promise<Measured> {
  const outage = new Outage();
  const { clock, simulated, pool, failures, successes } = outage;
  const endMs = HEALTHY_MS + OUTAGE_MS + AFTERWARDS_MS;
  const workers = Array.from({ length: WORKERS }, (_, worker) => outage.work(worker, endMs));
  await clock.advance(HEALTHY_MS);
  const { server, truth } = simulated;
  server.become({ kind: death === 'refuses' ? 'refusing' : 'silent' });
  // A server that dies resets its connections; one that falls silent tells nobody.
  if (death === 'refuses') for (const connection of [...truth.held]) simulated.breakConnection(connection, 'once');
  const dialsBefore = truth.dials.length;
  await clock.advance(OUTAGE_MS);
  const dials = truth.dials.length - dialsBefore;
  const backMs = clock.now();
  server.become({ kind: 'healthy' });
  await clock.advance(AFTERWARDS_MS + 5_000);
  await Promise.all(workers);
  await endPool(outage);
  const again = successes.filter(({ atMs }) => atMs > backMs);
  const firsts = Array.from(
    { length: WORKERS },
    (_, one) => again.find(({ worker }) => worker === one)?.atMs ?? Infinity,
  );
  const allBackMs = Math.max(...firsts);
  const counted = new Map<string, number>();
  for (const { code } of failures) counted.set(code, (counted.get(code) ?? 0) + 1);
  return {
    firstFailureMs: (failures[0]?.atMs ?? Infinity) - HEALTHY_MS,
    breakerOpenMs: (outage.opened[0] ?? Infinity) - HEALTHY_MS,
    dials,
    failures: counted,
    longestFailureMs: Math.max(...failures.map(({ tookMs }) => tookMs)),
    firstSuccessMs: (again[0]?.atMs ?? Infinity) - backMs,
    allBackMs: allBackMs - backMs,
    lostAfterwards: failures.filter(({ atMs }) => atMs > allBackMs).length,
  };
  async function endPool({ pool: ending }: Outage): Promise<void> {
    const closed = ending.close();
    await clock.advance(10_000);
    await closed;
    if (pool.snapshot().live > 0) throw new Error('The pool did not end');
  }
}
