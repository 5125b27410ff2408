/**
 * Owns one soak from its beginning to its verdict: what is sampled on the way, and what is looked for at the end.
 * It must never know what goes wrong on the way; that is drawn elsewhere.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { judgeSoak, type Leftovers, type Sample, type Verdict } from './verdict.ts';
import { pause, type SoakCounts, type SoakWorld } from './world.ts';

export interface SoakReport extends Verdict {
  readonly samples: readonly Sample[];
  readonly requests: SoakCounts;
  readonly leftovers: Leftovers;
}

export interface SoakOptions {
  readonly lengthMs: number;
  /** How long what was given up on may take to end after the pool was closed, in ms. Default 10 s. */
  readonly settleMs?: number;
  onProgress(share: number): void;
}

const SAMPLES = 60;
const LONGEST_ANSWER_MS = 10_000;
const LOOK_AGAIN_MS = 250;

/** Makes the world, lets it live for so long, and ends it. Nothing else may go on in the process: its handles are counted. */
export async function soak(makeWorld: () => Promise<SoakWorld>, options: SoakOptions): Promise<SoakReport> {
  const { lengthMs, settleMs = LONGEST_ANSWER_MS, onProgress } = options;
  const rejections: unknown[] = [];
  const rejected = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', rejected);
  const before = countHandles();
  const world = await makeWorld();
  world.start();
  const samples = await sample(lengthMs, onProgress);
  await world.end();
  const handles = () => Math.max(0, countHandles() - before);
  // A call that was given up on may still answer, seconds later, and a process that ended is closed a moment after.
  const isSettled = () => world.pool.snapshot().abandoned === 0 && handles() === 0;
  for (let waited = 0; waited < settleMs && !isSettled(); waited += LOOK_AGAIN_MS) await pause(LOOK_AGAIN_MS);
  process.off('unhandledRejection', rejected);
  const leftovers = { ...leftIn(world), handles: handles() };
  const seen = [...world.faults, ...rejections.map((reason) => `a rejection that nobody handled: ${traceOf(reason)}`)];
  return { requests: world.counts, leftovers, ...judgeSoak(samples, leftovers, seen), samples };
}

async function sample(lengthMs: number, onProgress: (share: number) => void): Promise<readonly Sample[]> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const beganAt = performance.now();
  const samples: Sample[] = [];
  for (let taken = 1; taken <= SAMPLES; taken++) {
    await pause(Math.max(0, beganAt + (lengthMs * taken) / SAMPLES - performance.now()));
    // What finalizers hold goes with the second.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    samples.push({
      atMs: performance.now() - beganAt,
      heapBytes: heapUsed,
      externalBytes: external,
      handles: countHandles(),
    });
    onProgress(taken / SAMPLES);
  }
  return samples;
}

/** What keeps the process alive: sockets, timers, children. */
function countHandles(): number {
  return process.getActiveResourcesInfo().length;
}

function leftIn(world: SoakWorld): Leftovers {
  const { pool, counts } = world;
  const { live, abandoned, waiting } = pool.snapshot();
  const { metrics } = pool.metrics.read();
  const total = (name: string): number => {
    const found = metrics.find((metric) => metric.name === `cryo_pool_leases_${name}_total`);
    return found === undefined || found.kind === 'histogram' ? Number.NaN : found.value;
  };
  return {
    ...world.left(),
    live,
    abandoned,
    waiting,
    unanswered: counts.asked - counts.granted - counts.refused,
    unreturned: total('granted') - total('released'),
  };
}

function traceOf(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}
