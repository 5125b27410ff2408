/**
 * Owns the thread in which the load runs, so that making requests takes no time from the loop that serves them.
 * It must never share anything with the service but HTTP and a tally.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '@cryo/resilience/testing';
import { createClient } from './client.ts';
import { type Run, runLoop } from './loops.ts';
import type { LoadPlan } from './profiles.ts';
import { Tally, type TallyReading } from './tally.ts';
import { drawInquiry } from './traffic.ts';

/** What the thread is given. */
export interface LoadAssignment {
  readonly plan: LoadPlan;
  readonly origin: string;
}

/** What the thread tells, every quarter of a second and once more at its end. */
export interface LoadNews {
  readonly tally: TallyReading;
  readonly unhandledRejections: number;
}

const NEWS_EVERY_MS = 250;
/** How long answers may still come in after the last request, in ms. */
const LAST_ANSWERS_MS = 8_000;

const port = parentPort;
if (port === null) throw new Error('this file is the body of a worker thread');

const { plan, origin } = workerData as LoadAssignment;
const random = seededRandom(plan.seed);
const client = createClient(origin);
const tally = new Tally();
const ending = new AbortController();
const startedMs = performance.now();
let unhandledRejections = 0;

const run: Run = {
  over: ending.signal,
  elapsedMs: () => performance.now() - startedMs,
  random,
  withhold: () => tally.withheld(),
  async ask(dueMs) {
    tally.sent();
    const answer = await client.send(drawInquiry(random));
    tally.settled(answer, run.elapsedMs() - dueMs);
  },
};

const tell = () => port.postMessage({ tally: tally.read(), unhandledRejections } satisfies LoadNews);

process.on('unhandledRejection', () => {
  unhandledRejections += 1;
});
port.once('message', () => ending.abort());
if (plan.durationMs !== Infinity) setTimeout(() => ending.abort(), plan.durationMs).unref();
const news = setInterval(tell, NEWS_EVERY_MS);

const lastAnswers = new Promise<void>((resolve) => {
  ending.signal.addEventListener('abort', () => setTimeout(resolve, LAST_ANSWERS_MS).unref());
});
await Promise.race([runLoop(plan, run), lastAnswers]);
clearInterval(news);
client.close();
tell();
port.close();
