import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import { consecutiveFailures } from './trip-rule.ts';

/** The breaker of the founding guide, line by line from its Python. Times in seconds, as there. */
class GuideBreaker {
  state: 'closed' | 'open' | 'half_open' = 'closed';
  readonly #failureThreshold: number;
  readonly #timeout: number;
  readonly #resetCount: number;
  readonly #time: () => number;
  #failureCount = 0;
  #successCount = 0;
  #lastFailureTime = 0;

  constructor(threshold: number, timeout: number, resetCount: number, time: () => number) {
    this.#failureThreshold = threshold;
    this.#timeout = timeout;
    this.#resetCount = resetCount;
    this.#time = time;
  }

  allowRequest(): boolean {
    if (this.state === 'closed') return true;
    if (this.state === 'open') {
      if (this.#time() - this.#lastFailureTime > this.#timeout) {
        this.state = 'half_open';
        this.#successCount = 0;
        return true;
      }
      return false;
    }
    return true;
  }

  recordSuccess(): void {
    if (this.state === 'closed') {
      this.#failureCount = 0;
      return;
    }
    if (this.state === 'half_open') {
      this.#successCount += 1;
      if (this.#successCount >= this.#resetCount) {
        this.state = 'closed';
        this.#failureCount = 0;
        this.#successCount = 0;
      }
    }
  }

  recordFailure(): void {
    this.#lastFailureTime = this.#time();
    if (this.state === 'closed') {
      this.#failureCount += 1;
      if (this.#failureCount >= this.#failureThreshold) this.state = 'open';
    } else if (this.state === 'half_open') {
      this.state = 'open';
    }
  }
}

interface Call {
  /** Between the end of the call before and this one. */
  readonly pauseMs: number;
  readonly lastsMs: number;
  readonly succeeds: boolean;
}

function pair(threshold: number, openForMs: number, successes: number) {
  const clock = new VirtualClock();
  const ours = circuitBreaker({
    ...{ name: 'ours', trip: consecutiveFailures(threshold), openForMs, clock },
    halfOpen: { successes },
  });
  const guide = new GuideBreaker(threshold, openForMs / 1_000, successes, () => clock.now() / 1_000);
  return { clock, ours, guide };
}

/** Makes one call through both, which answer alike, and in the end stand alike. */
function makeCall({ clock, ours, guide }: ReturnType<typeof pair>, { pauseMs, lastsMs, succeeds }: Call): void {
  clock.stall(pauseMs);
  const permit = ours.tryAcquire();
  expect(permit !== undefined).toBe(guide.allowRequest());
  if (permit !== undefined) {
    clock.stall(lastsMs);
    expect(ours.settle(permit, succeeds ? 'success' : 'failure')).toBe('counted');
    if (succeeds) guide.recordSuccess();
    else guide.recordFailure();
  }
  expect(ours.state.name).toBe(guide.state.replace('_', '-'));
}

const settings = fc.tuple(
  fc.integer({ min: 1, max: 6 }),
  fc.constantFrom(0, 500, 1_000, 30_000),
  fc.integer({ min: 1, max: 4 }),
);
/** The added fraction makes no sum of up to 120 pauses a whole number: none ends at the very instant an open time does. */
const pauseMs = fc
  .oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 70_000 }))
  .map((ms) => ms + Math.SQRT2 / 1_000);
const lastsMs = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 120_000 }));
const calls = fc.array(fc.record({ pauseMs, lastsMs, succeeds: fc.boolean() }), { maxLength: 120, size: 'max' });

describe('the breaker of the guide', () => {
  it('makes the same transitions as ours in every sequence of calls that do not overlap', () => {
    fc.assert(
      fc.property(settings, calls, ([threshold, openForMs, successes], calls) => {
        const both = pair(threshold, openForMs, successes);
        for (const call of calls) makeCall(both, call);
      }),
      { numRuns: 1_000 },
    );
  });

  it('waits for a later reading of its clock at the very instant at which the open time ends; ours admits then', () => {
    const { clock, ours, guide } = pair(1, 1_000, 1);
    makeCall({ clock, ours, guide }, { pauseMs: 0, lastsMs: 0, succeeds: false });
    clock.stall(1_000);
    expect(guide.allowRequest()).toBe(false);
    expect(ours.tryAcquire()).toBeDefined();
  });

  it('is wedged by no overlap of ours: where the guide counts the failures of another era, ours does not', () => {
    const { clock, ours, guide } = pair(1, 1_000, 2);
    const early = ours.tryAcquire();
    guide.allowRequest();
    makeCall({ clock, ours, guide }, { pauseMs: 0, lastsMs: 0, succeeds: false });
    clock.stall(1_001);
    ours.tryAcquire();
    guide.allowRequest();
    expect(ours.settle(early as never, 'failure')).toBe('stale');
    guide.recordFailure();
    expect([ours.state.name, guide.state]).toEqual(['half-open', 'open']);
  });
});
