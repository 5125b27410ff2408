import { expect, test } from 'vitest';
import { circuitBreaker } from './breaker/breaker.ts';
import { failureRate } from './breaker/failure-rate.ts';
import { keyedBreakers } from './breaker/keyed.ts';
import { openForRetryAfter } from './breaker/open-time.ts';
import { recoveryRamp } from './breaker/ramp.ts';
import { slowCallRate } from './breaker/slow-call-rate.ts';
import { consecutiveFailures } from './breaker/trip-rule.ts';
import { bulkhead } from './bulkhead.ts';
import { Registry } from './metrics/registry.ts';
import { rateLimiter } from './rate-limiter.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const time = { clock: new VirtualClock(), timers: new VirtualClock() };
const trip = consecutiveFailures(1);
const forever = () => new Promise<never>(() => {});

/** As a class of a program's configuration gives them: none of the options is the object's own. */
function inherited<Options extends object>(options: Options): Options {
  return Object.create(options);
}

/** Each option can be read once. */
function readOnce<Options extends object>(options: Options, seen: string[] = []): Options {
  return new Proxy(options, {
    get(target, name) {
      if (seen.includes(String(name))) throw new Error(`${String(name)} was read twice`);
      seen.push(String(name));
      return Reflect.get(target, name);
    },
  });
}

test('A bulkhead keeps to a limit that its options have inherited.', () => {
  const policy = bulkhead(inherited({ limit: 1, ...time }));
  for (let call = 0; call < 3; call++) policy.execute(forever).catch(() => {});
  expect(policy.running).toBe(1);
});

test('A rate limiter keeps to a rate that its options have inherited.', async () => {
  const policy = rateLimiter(inherited({ perSecond: 1, ...time }));
  await policy.execute(() => 'first');
  await expect(policy.execute(() => 'second')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test.each([
  ['failureRate', failureRate(inherited({ rate: 0.5, minimumCalls: 2, windowCalls: 4 }))],
  ['slowCallRate', slowCallRate(inherited({ slowMs: 5, rate: 0.5, minimumCalls: 2, windowCalls: 4 }))],
])('%s opens also by options that are inherited.', (_name, rule) => {
  const breaker = circuitBreaker({ name: 'b', trip: rule, openForMs: 100, clock: new VirtualClock() });
  for (let call = 0; call < 2; call++) breaker.settle(breaker.tryAcquire() as never, 'failure', 10);
  expect(breaker.state.name).toBe('open');
});

test('Keyed breakers are made of options that are inherited.', () => {
  const breakers = keyedBreakers(inherited({ name: 'hosts', breaker: inherited({ trip, openForMs: 100 }) }));
  expect(breakers.get('eu').name).toBe('hosts/eu');
});

test.each<[string, (read: <Options extends object>(options: Options) => Options) => unknown]>([
  ['circuitBreaker', (read) => circuitBreaker(read({ name: 'b', trip, openForMs: 100 }))],
  ['keyedBreakers', (read) => keyedBreakers(read({ name: 'k', breaker: read({ trip, openForMs: 100 }) })).get('eu')],
  ['bulkhead', (read) => bulkhead(read({ limit: 1 }))],
  ['rateLimiter', (read) => rateLimiter(read({ perSecond: 1 }))],
  ['recoveryRamp', (read) => recoveryRamp(read({ rampMs: 5 }))],
  ['Registry', (read) => new Registry(read({ clock: time.clock }))],
])('%s reads each option once, so that what is judged is what is used.', (_name, make) => {
  expect(() => make((options) => readOnce(options))).not.toThrow();
});

test('An open time that a failure asks for is bounded by what was judged, whatever a getter answers later.', () => {
  let reading = 0;
  const answers = [5, 5, -1];
  const options = { retryAfterMs: () => 0, otherwiseMs: 0 };
  Object.defineProperty(options, 'otherwiseMs', { get: () => answers[reading++] });
  expect(openForRetryAfter(options)({ cause: undefined })).toBe(5);
});
