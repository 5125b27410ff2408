import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RetriesExhaustedError } from './errors.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

interface Try {
  readonly lastsMs: number;
  readonly ends: 'well' | 'badly' | 'hopelessly';
  /** What the error itself asks to wait. */
  readonly asksMs: number | undefined;
}

interface Plan {
  readonly maxRetries: number;
  readonly deadlineMs: number;
  /** The wait before each retry, over and over. */
  readonly waits: readonly [number, ...number[]];
  /** When the caller aborts; Infinity for never. */
  readonly abortMs: number;
  /** How the tries end; those beyond the last end badly, at once. */
  readonly tries: readonly Try[];
}

const durationMs = fc.constantFrom(0, 3, 10, 40);
const plans: fc.Arbitrary<Plan> = fc.record({
  maxRetries: fc.constantFrom(0, 1, 2, 5, 8),
  deadlineMs: fc.constantFrom(20, 101, 400, Infinity),
  waits: fc.tuple(durationMs, durationMs, durationMs),
  // At half a millisecond nothing else happens.
  abortMs: fc.oneof(
    fc.constant(Infinity),
    fc.nat(120).map((ms) => ms + 0.5),
  ),
  tries: fc.array(
    fc.record({
      lastsMs: durationMs,
      ends: fc.constantFrom('badly', 'badly', 'badly', 'well', 'hopelessly'),
      asksMs: fc.constantFrom(undefined, undefined, 5, 60),
    }),
    { maxLength: 10, size: 'max' },
  ),
});

const LAST: Try = { lastsMs: 0, ends: 'badly', asksMs: undefined };

class Failure extends Error {
  readonly plan: Try;

  constructor(plan: Try) {
    super(plan.ends);
    this.plan = plan;
  }
}

/** What ought to come of it: when each try begins, how the call ends, and when. Written as a reader of the README would. */
function expectation({ maxRetries, deadlineMs, waits, abortMs, tries }: Plan) {
  const begun: number[] = [];
  let now = 0;
  for (let attempt = 0; ; attempt++) {
    begun.push(now);
    const { lastsMs, ends, asksMs = 0 } = tries[attempt] ?? LAST;
    now += lastsMs;
    if (ends === 'well') return { begun, end: 'well', atMs: now };
    const waitMs = Math.max(waits[attempt % waits.length] ?? 0, asksMs);
    const one = attempt === 0 ? 'own error' : 'all errors';
    if (now > abortMs || ends === 'hopelessly') return { begun, end: 'own error', atMs: now };
    if (attempt === maxRetries || now + waitMs >= deadlineMs) return { begun, end: one, atMs: now };
    if (now + waitMs > abortMs) return { begun, end: 'aborted', atMs: abortMs };
    now += waitMs;
  }
}

function endOf(error: unknown): string {
  if (error instanceof Failure) return 'own error';
  return error instanceof RetriesExhaustedError ? 'all errors' : 'aborted';
}

it('begins each try when it ought to, and ends as it ought to with no timer left, whatever fails, lasts, asks for a wait or is aborted', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const clock = new VirtualClock();
      const { maxRetries, deadlineMs, waits } = plan;
      const policy = retry({
        ...{ maxRetries, deadlineMs, clock, timers: clock },
        backoff: { delayMs: (attempt) => waits[attempt % waits.length] ?? 0 },
        classify: (error) => (error instanceof Failure && error.plan.ends === 'hopelessly' ? 'stop' : 'retry'),
        retryAfterMs: (error) => (error instanceof Failure ? error.plan.asksMs : undefined),
      });
      const controller = new AbortController();
      if (plan.abortMs < Infinity) clock.set(plan.abortMs, () => controller.abort(), { background: true });
      const begun: number[] = [];
      const work = async ({ attempt }: { readonly attempt: number }): Promise<void> => {
        begun.push(clock.now());
        const own = plan.tries[attempt] ?? LAST;
        await new Promise<void>((resolve) => clock.set(own.lastsMs, resolve, { background: false }));
        if (own.ends !== 'well') throw new Failure(own);
      };
      const ended: unknown[] = [];
      policy.execute(work, { signal: controller.signal }).then(
        () => ended.push(['well', clock.now(), clock.pending('foreground')]),
        (error) => ended.push([endOf(error), clock.now(), clock.pending('foreground')]),
      );
      await clock.runUntilIdle(10_000);
      const expected = expectation(plan);
      expect([begun, ended]).toEqual([expected.begun, [[expected.end, expected.atMs, 0]]]);
    }),
    { numRuns: 300 },
  );
});
