/**
 * Owns the two ways to make a load: callers who wait for their answers, and arrivals that wait for nobody.
 * It must never know what is asked, nor who answers.
 */
import { arrivalGapMs, type LoadPlan, levelAt, workersAt } from './profiles.ts';

/** What a loop needs of its run. */
export interface Run {
  /** Asks one thing and settles when it is answered; never rejects. `dueMs` is when it should have been asked. */
  ask(dueMs: number): Promise<void>;
  /** Told of an arrival that is not sent. */
  withhold(): void;
  /** Milliseconds since the start. */
  elapsedMs(): number;
  random(): number;
  /** Aborted when the load shall end. */
  readonly over: AbortSignal;
}

/** An endless run goes round its profile so often, in ms. */
const ROUND_MS = 30_000;
/** How often a worker that the profile does not need now looks again, in ms. */
const IDLE_LOOK_MS = 25;
/** Arrivals under way at most: beyond them the generator, not the service, would be measured. */
const UNDER_WAY_LIMIT = 2_000;

export function runLoop(plan: LoadPlan, run: Run): Promise<void> {
  return plan.loop.kind === 'closed'
    ? closedLoop(plan, plan.loop.thinkMs, run)
    : openLoop(plan, plan.loop.ratePerSecond, run);
}

function progressOf(plan: LoadPlan, run: Run): number {
  const roundMs = plan.durationMs === Infinity ? ROUND_MS : plan.durationMs;
  return (run.elapsedMs() / roundMs) % 1;
}

async function closedLoop(plan: LoadPlan, thinkMs: number, run: Run): Promise<void> {
  const work = async (worker: number) => {
    while (!run.over.aborted) {
      if (worker >= workersAt(plan.profile, progressOf(plan, run), plan.workers)) {
        await pause(IDLE_LOOK_MS, run.over);
        continue;
      }
      await run.ask(run.elapsedMs());
      if (thinkMs > 0) await pause(arrivalGapMs(1_000 / thinkMs, run.random()), run.over);
    }
  };
  await Promise.all(Array.from({ length: plan.workers }, (_, worker) => work(worker)));
}

async function openLoop(plan: LoadPlan, ratePerSecond: number, run: Run): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let dueMs = run.elapsedMs();
  while (!run.over.aborted) {
    const rate = ratePerSecond * levelAt(plan.profile, progressOf(plan, run));
    dueMs += arrivalGapMs(rate, run.random());
    const earlyMs = dueMs - run.elapsedMs();
    if (earlyMs > 0) await pause(earlyMs, run.over);
    if (run.over.aborted) break;
    if (underWay.size >= UNDER_WAY_LIMIT) {
      run.withhold();
      continue;
    }
    const asked = run.ask(dueMs);
    underWay.add(asked);
    void asked.then(() => underWay.delete(asked));
  }
  await Promise.all(underWay);
}

/** Resolves after the delay, or as soon as the load shall end. */
function pause(delayMs: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    over.addEventListener('abort', end);
  });
}
