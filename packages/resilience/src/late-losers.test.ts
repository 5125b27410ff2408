import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import type { ExecuteOptions } from './call.ts';
import { hedge } from './hedge.ts';
import { compose } from './policy.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

async function failTooLate(options?: ExecuteOptions): Promise<string> {
  const clock = new VirtualClock();
  const parts = { clock, timers: clock };
  const breaker = circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 1_000, clock });
  const policy = compose(
    hedge({ delayMs: 10, ...parts }),
    hedge({ delayMs: 15, ...parts }),
    timeout({ ms: 20, ...parts }),
    breaker,
  );
  const takesMs = [50, 8, 50];
  let tries = 0;
  const call = policy.execute(async () => {
    const index = tries++;
    await sleep(takesMs[index] as number, clock, undefined);
    if (index === 1) return 'won';
    throw new Error('too late');
  }, options);
  await clock.advance(100);
  expect([await call, tries]).toEqual(['won', 3]);
  return breaker.state.name;
}

test('A try that has lost, and whose own time was up before it failed, says nothing of the server, with a signal of the caller or without.', async () => {
  expect([await failTooLate({ signal: new AbortController().signal }), await failTooLate()]).toEqual([
    'closed',
    'closed',
  ]);
});
