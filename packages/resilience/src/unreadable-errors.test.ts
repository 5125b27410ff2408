import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { fallback } from './fallback.ts';
import { hedge } from './hedge.ts';
import { compose, type Policy } from './policy.ts';
import { retry } from './retry.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { timeout } from './timeout.ts';

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const unreadable: Readonly<Record<string, () => unknown>> = {
  'a revoked proxy': revoked,
  'a getter that throws': () => ({
    get name(): string {
      throw new Error('not for you');
    },
  }),
};

const clock = new VirtualClock();
const time = { clock, timers: clock };
const breaker = () => circuitBreaker({ name: 'b', trip: consecutiveFailures(1), openForMs: 100, clock });
const again = () => retry({ maxRetries: 1, backoff: { delayMs: () => 1 }, ...time });
const policies: Readonly<Record<string, () => Policy>> = {
  'a breaker': breaker,
  'a breaker around a timeout': () => compose(breaker(), timeout({ ms: 50, ...time })),
  'a retry': again,
  'a retry around a timeout': () => compose(again(), timeout({ ms: 50, ...time })),
  'a fallback that passes it on': () => fallback({ run: (error) => Promise.reject(error) }),
  'a hedge': () => hedge({ delayMs: 5, ...time }),
};

test.each(Object.keys(policies))(
  'An error that throws when it is looked at ends a call through %s like any other.',
  async (name) => {
    for (const make of Object.values(unreadable)) {
      let hasFailed = false;
      const work = () => {
        throw make();
      };
      policies[name]?.()
        .execute(work)
        .catch(() => {
          hasFailed = true;
        });
      await clock.advance(10);
      expect(hasFailed).toBe(true);
    }
  },
);

test('An error that throws when it is looked at is a failure to a breaker, and its probe gives its place back.', async () => {
  const probed = breaker();
  const fail = () =>
    probed
      .execute(() => Promise.reject(revoked()))
      .then(
        () => 'resolved',
        () => 'rejected',
      );
  await fail();
  expect(probed.state.name).toBe('open');
  await clock.advance(100);
  await fail();
  expect(probed.state.name).toBe('open');
});
