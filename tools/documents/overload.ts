/**
 * Owns the measured overload: callers with little patience, more of them than a pool can serve, on a clock that moves only when told.
 * It must never hold a number that was not measured.
 */
import { createPool, type Pool, type PoolOptions } from '@cryo/pool-core';
import { type SimulatedConnection, simulatedDriver } from '@cryo/pool-core/testing';
import { isCryoError } from '@cryo/resilience';
import { type SeededRandom, seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { readable, table } from './blocks.ts';

const CONNECTIONS = 10;
const WORK_MS = 10;
const CAPACITY_PER_MS = CONNECTIONS / WORK_MS;
/** Who has not had its answer by then is gone, whatever becomes of it. */
const PATIENCE_MS = 500;
const QUIET_MS = 2_000;
const BURST_MS = 10_000;
const AFTERWARDS_MS = 10_000;
const LOAD = { quiet: 0.6, burst: 1.5 } as const;

type Discipline = Pick<PoolOptions<SimulatedConnection>, 'acquire' | 'shedding'>;

/** What came of a burst. Times in ms. */
export interface Burst {
  /** Answers within the patience of their callers, as a share of what the connections can do. */
  readonly goodput: number;
  /** Leases for callers that were gone by the time of the answer, as a share of all leases. */
  readonly wasted: number;
  /** How long those who got no connection were kept before they heard of it: the median. */
  readonly refusedAfterMs: number;
  /** The wait of those who were served in time: the median. */
  readonly waitMs: number;
  /** From the end of the burst until every later caller is answered in time. */
  readonly recoveryMs: number;
  readonly codes: ReadonlySet<string>;
}

/** One caller. */
interface Call {
  readonly startedAtMs: number;
  grantedAtMs?: number;
  answeredAtMs?: number;
  refusedAtMs?: number;
  code?: string;
}

/** The table of a burst under three ways of queueing. */
export async function overloadTable(): Promise<string> {
  const patient = await measureBurst({});
  const strict = await measureBurst({ acquire: { timeoutMs: PATIENCE_MS } });
  const shedding = await measureBurst({ shedding: {} });
  const time = (ms: number) => (Number.isFinite(ms) ? `${readable(Math.round(ms))} ms` : 'never within 10 s');
  const share = (value: number) => `${Math.round(value * 1_000) / 10} %`;
  const row = (what: string, show: (burst: Burst) => string) => [what, show(patient), show(strict), show(shedding)];
  return table(
    ['', '`acquire.timeoutMs` 20 s', '`acquire.timeoutMs` 500 ms', '`shedding: {}`'],
    [
      row('answers in time, of what the connections can do', (one) => share(one.goodput)),
      row('leases that served a caller who was gone', (one) => share(one.wasted)),
      row('median wait of those answered in time', (one) => (one.goodput > 0.01 ? time(one.waitMs) : 'none were')),
      row('median time until a refusal', (one) =>
        one.codes.size > 0 ? time(one.refusedAfterMs) : 'nobody is refused',
      ),
      row('refusals', (one) => [...one.codes].map((code) => `\`${code}\``).join(', ') || 'none'),
      row('all in time again, after the burst', (one) => time(one.recoveryMs)),
    ],
  );
}

/** Lets callers come at 60 %, then at 150 %, then at 60 % of what ten connections can do. */
export async function measureBurst(discipline: Discipline): Promise<Burst> {
  const clock = new VirtualClock();
  const random = seededRandom(20);
  const { driver } = simulatedDriver({ clock, timers: clock, random: random.fork(), resets: false });
  const size = { min: CONNECTIONS, max: CONNECTIONS };
  const pool = createPool({ name: 'orders', driver, size, clock, timers: clock, random: random.fork(), ...discipline });
  await clock.advance(100);
  const calls: Call[] = [];
  const startedAtMs = clock.now();
  arrive(pool, clock, random, calls, startedAtMs);
  await clock.advance(QUIET_MS + BURST_MS + AFTERWARDS_MS);
  const judged = judge(calls, startedAtMs);
  const closed = pool.close({ timeoutMs: 0.001 });
  await clock.advance(60_000);
  await closed;
  return judged;
}

/** Each arrival sets the timer of the next: a Poisson process. */
function arrive(
  pool: Pool<SimulatedConnection>,
  clock: VirtualClock,
  random: SeededRandom,
  calls: Call[],
  startedAtMs: number,
): void {
  const next = (): void => {
    const atMs = clock.now() - startedAtMs;
    if (atMs > QUIET_MS + BURST_MS + AFTERWARDS_MS) return;
    const load = atMs >= QUIET_MS && atMs < QUIET_MS + BURST_MS ? LOAD.burst : LOAD.quiet;
    const gapMs = -Math.log(1 - random()) / (load * CAPACITY_PER_MS);
    clock.set(gapMs, next, { background: true });
    const call: Call = { startedAtMs: clock.now() };
    calls.push(call);
    void work(pool, clock, call);
  };
  next();
}

async function work(pool: Pool<SimulatedConnection>, clock: VirtualClock, call: Call): Promise<void> {
  try {
    await pool.use(async () => {
      call.grantedAtMs = clock.now();
      await new Promise<void>((resolve) => clock.set(WORK_MS, resolve, { background: true }));
      call.answeredAtMs = clock.now();
    });
  } catch (error) {
    call.refusedAtMs = clock.now();
    call.code = isCryoError(error) ? error.code : String(error);
  }
}

function judge(calls: readonly Call[], startedAtMs: number): Burst {
  const burstFromMs = startedAtMs + QUIET_MS;
  const burstToMs = burstFromMs + BURST_MS;
  const inTime = ({ startedAtMs: at, answeredAtMs = Infinity }: Call) => answeredAtMs - at <= PATIENCE_MS;
  const answers = calls.filter(({ answeredAtMs = 0 }) => answeredAtMs >= burstFromMs && answeredAtMs < burstToMs);
  const good = answers.filter(inTime);
  const refused = calls.filter(({ refusedAtMs = Infinity }) => refusedAtMs < burstToMs);
  const endMs = startedAtMs + QUIET_MS + BURST_MS + AFTERWARDS_MS;
  const judgeable = calls.filter(({ startedAtMs: at }) => at >= burstToMs && at < endMs - PATIENCE_MS);
  const lastBad = judgeable.findLast((call) => !inTime(call));
  const isOver = lastBad === undefined || lastBad !== judgeable.at(-1);
  return {
    goodput: good.length / (BURST_MS * CAPACITY_PER_MS),
    wasted: (answers.length - good.length) / answers.length,
    refusedAfterMs: median(refused.map(({ startedAtMs: at, refusedAtMs = at }) => refusedAtMs - at)),
    waitMs: median(good.map(({ startedAtMs: at, grantedAtMs = at }) => grantedAtMs - at)),
    recoveryMs: isOver ? Math.max(0, (lastBad?.startedAtMs ?? burstToMs) - burstToMs) : Infinity,
    codes: new Set(refused.map(({ code = '' }) => code)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
