import { expect, it } from 'vitest';
import { circuitBreaker } from './breaker.ts';
import type { CircuitBreaker } from './contract.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { recoveryRamp } from './ramp.ts';
import { fromSnapshot } from './restore.ts';
import { snapshotOf } from './snapshot.ts';
import type { Permit, Restore } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

function make(options: Partial<CircuitBreakerOptions> = {}): CircuitBreaker {
  const clock = { now: () => 0, wallNow: () => 0 };
  const recovery = recoveryRamp({ rampMs: 1_000 });
  return circuitBreaker({ name: 'inventory', trip: consecutiveFailures(1), openForMs: 0, clock, recovery, ...options });
}

/** Everything that can happen to a breaker; those that are replaced answer the one that goes on. */
const HAPPENINGS: Record<string, (breaker: CircuitBreaker) => CircuitBreaker | undefined | void> = {
  success: (breaker) => void breaker.settle(breaker.tryAcquire() as Permit, 'success'),
  failure: (breaker) => void breaker.settle(breaker.tryAcquire() as Permit, 'failure', 0, { code: 7 }),
  probe: (breaker) => void breaker.tryAcquire(),
  trip: (breaker) => breaker.trip({ code: 7 }),
  reset: (breaker) => breaker.reset(),
  isolate: (breaker) => void breaker.isolate('migration'),
  release: (breaker) => breaker.isolations[0]?.release(),
  restore: (breaker) => make({ restore: fromSnapshot(snapshotOf(breaker)) }),
};

/** The paths of whatever in it could be changed. A cause is the user's. */
function holesIn(part: unknown, path: string): string[] {
  if (typeof part !== 'object' || part === null || path.endsWith('.cause')) return [];
  const within = Object.entries(part).flatMap(([name, value]) => holesIn(value, `${path}.${name}`));
  return Object.isFrozen(part) ? within : [path, ...within];
}

it('no state that a breaker comes to can be changed from outside, however deep', () => {
  const seen = new Set<string>();
  const walk = (happened: readonly string[]) => {
    let breaker = make();
    for (const name of happened) breaker = HAPPENINGS[name]?.(breaker) ?? breaker;
    const { state } = breaker;
    expect(holesIn(state, state.name), happened.join(', ')).toEqual([]);
    seen.add(state.name === 'isolated' ? `${state.name} on ${state.beneath.name}` : state.name);
    if (happened.length < 5) for (const name of Object.keys(HAPPENINGS)) walk([...happened, name]);
  };
  walk([]);
  const flows = ['closed', 'open', 'half-open'];
  expect(seen).toEqual(new Set([...flows, ...flows.map((name) => `isolated on ${name}`)]));
});

it("a state from a `restore` of one's own is frozen like any other", () => {
  const after = { name: 'open', since: 0, until: 0, cause: {}, reason: '', openings: 1, firstSince: 0 } as const;
  const beneath = { name: 'half-open', since: 0, after, successes: 0, leases: [] } as const;
  const restore: Restore = () => ({ name: 'isolated', isolations: [{ reason: 'migration' }], beneath });
  expect(holesIn(make({ restore }).state, 'state')).toEqual([]);
});
