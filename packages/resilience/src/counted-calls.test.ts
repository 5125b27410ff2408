import { describe, expect, it } from 'vitest';
import { bulkhead } from './bulkhead.ts';
import { DeadlineExceededError } from './errors.ts';
import { hedge } from './hedge.ts';
import { Registry } from './metrics/registry.ts';
import type { Policy } from './policy.ts';
import { rateLimiter } from './rate-limiter.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

function setUp() {
  const clock = new VirtualClock();
  const registry = new Registry({ clock });
  return { clock, registry, parts: { clock, timers: clock, registry } };
}

/** Whatever has been counted at all, by its name and, where it has one, its outcome. */
function counted(registry: Registry): Record<string, number> {
  const readings = registry.read().metrics.flatMap((metric) => {
    const isCounted = metric.kind === 'counter' && metric.value > 0;
    const name = metric.name.replace(/^cryo_(bulkhead|rate_limiter|hedge|timeout)_/, '');
    return isCounted ? [[[name, metric.labels.outcome ?? ''].join(' ').trim(), metric.value]] : [];
  });
  return Object.fromEntries(readings);
}

describe('calls that had to wait', () => {
  it('for a place in a bulkhead are each counted once among its calls, and besides as queued', async () => {
    const { clock, registry, parts } = setUp();
    const walls = bulkhead({ limit: 1, queueLimit: 3, ...parts });
    const calls = [1, 2, 3, 4].map(() => walls.execute(() => sleep(10, clock, undefined)));
    await clock.advance(40);
    await Promise.all(calls);
    expect(counted(registry)).toEqual({ 'calls_total admitted': 4, queued_total: 3 });
  });

  it('for their turn in a rate limiter are each counted once among its calls, and besides as delayed', async () => {
    const { clock, registry, parts } = setUp();
    const limiter = rateLimiter({ perSecond: 10, burst: 1, wait: { maxWaitMs: 300 }, ...parts });
    const calls = [1, 2, 3, 4].map((call) => limiter.execute(() => call));
    await clock.advance(300);
    await Promise.all(calls);
    expect(counted(registry)).toEqual({ 'calls_total admitted': 4, delayed_total: 3 });
  });
});

describe('a call whose deadline has passed before', () => {
  type Parts = ReturnType<typeof setUp>['parts'];
  const policies: Readonly<Record<string, (parts: Parts) => Policy>> = {
    'a bulkhead': (parts) => bulkhead({ limit: 1, ...parts }),
    'a rate limiter': (parts) => rateLimiter({ perSecond: 1, ...parts }),
    'a hedge': (parts) => hedge({ delayMs: 5, ...parts }),
    'a timeout': (parts) => timeout({ ms: 5, ...parts }),
  };

  it.each(Object.entries(policies))('is counted by %s as out of time, once and as nothing else', async (_, make) => {
    const { clock, registry, parts } = setUp();
    const policy = make(parts);
    clock.stall(100);
    await expect(policy.execute(() => 1, { deadline: 100 })).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(counted(registry)).toEqual({ 'calls_total out-of-time': 1 });
  });
});
