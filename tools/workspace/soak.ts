/**
 * Owns `pnpm soak`: a pool on real time under load and faults for as long as asked, and the verdict on what it left behind.
 * It must never know what goes wrong on the way; that is drawn elsewhere.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';
import { readSoakArguments, type SoakArguments } from './soak-arguments.ts';
import { judgeSoak, type Leftovers, type Sample } from './soak-verdict.ts';
import type { SoakWorld } from './soak-world.ts';

const SAMPLES = 60;
const LONGEST_ANSWER_MS = 10_000;
const LOOK_AGAIN_MS = 250;

const asked = readSoakArguments(process.argv.slice(2));
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else if (await compileOrExplain(startProgress('building'))) {
  await soak(asked);
}

async function soak({ minutes, output }: SoakArguments): Promise<void> {
  const world = new (await import('./soak-world.ts')).SoakWorld();
  const rejections: unknown[] = [];
  process.on('unhandledRejection', (reason) => rejections.push(reason));
  const before = process.getActiveResourcesInfo().length;
  const progress = startProgress('soaking');
  world.start();
  const samples = await sample(minutes * 60_000, (share) => progress.update(`${Math.round(share * 100)} %`));
  await world.end();
  // A call that was given up on may still answer, seconds later.
  for (let waited = 0; waited < LONGEST_ANSWER_MS && world.pool.snapshot().abandoned > 0; waited += LOOK_AGAIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  progress.finish('erase');
  const handles = Math.max(0, process.getActiveResourcesInfo().length - before);
  const leftovers = { ...leftIn(world), handles, unhandledRejections: rejections.length };
  report(output, { minutes, requests: world.counts, leftovers, ...judgeSoak(samples, leftovers) });
}

async function sample(lengthMs: number, onProgress: (share: number) => void): Promise<readonly Sample[]> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const beganAt = performance.now();
  const samples: Sample[] = [];
  for (let taken = 1; taken <= SAMPLES; taken++) {
    const dueInMs = beganAt + (lengthMs * taken) / SAMPLES - performance.now();
    await new Promise((resolve) => setTimeout(resolve, dueInMs));
    collect();
    const handles = process.getActiveResourcesInfo().length;
    samples.push({ atMs: performance.now() - beganAt, heapBytes: process.memoryUsage().heapUsed, handles });
    onProgress(taken / SAMPLES);
  }
  return samples;
}

function leftIn({ pool, simulated, counts }: SoakWorld): Omit<Leftovers, 'handles' | 'unhandledRejections'> {
  const { live, abandoned, waiting } = pool.snapshot();
  const { metrics } = pool.metrics.read();
  const total = (name: string): number => {
    const found = metrics.find((metric) => metric.name === `cryo_pool_leases_${name}_total`);
    return found === undefined || found.kind === 'histogram' ? Number.NaN : found.value;
  };
  return {
    connections: simulated.truth.held.size,
    watches: simulated.truth.watches,
    live,
    abandoned,
    waiting,
    unanswered: counts.asked - counts.granted - counts.refused,
    unreturned: total('granted') - total('released'),
  };
}

function report(
  output: SoakArguments['output'],
  result: { readonly faults: readonly string[]; readonly slopeKilobytesPerMinute: number } & Record<string, unknown>,
): void {
  const { faults, slopeKilobytesPerMinute, ...rest } = result;
  process.exitCode = faults.length === 0 ? 0 : 1;
  if (output === 'json') return void process.stdout.write(`${JSON.stringify(result)}\n`);
  process.stdout.write(`${JSON.stringify(rest, undefined, 2)}\n`);
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  const verdict = faults.length === 0 ? 'nothing is left behind' : `${faults.length} faults`;
  process.stdout.write(`heap ${slopeKilobytesPerMinute.toFixed(1)} KB a minute: ${verdict}\n`);
}
