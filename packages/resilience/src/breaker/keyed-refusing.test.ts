import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { CircuitBreaker } from './contract.ts';
import { type KeyedBreakers, keyedBreakers } from './keyed.ts';
import type { KeyedBreakersOptions } from './keyed-options.ts';
import { recoveryRamp } from './ramp.ts';
import { consecutiveFailures } from './trip-rule.ts';

const OPEN_MS = 1_000;
const IDLE_MS = 10_000;

/** One call through the breaker of a key; refused calls change nothing. */
function call(hosts: KeyedBreakers, key: string, verdict: 'success' | 'failure'): void {
  const breaker = hosts.get(key);
  const permit = breaker.tryAcquire();
  if (permit !== undefined) breaker.settle(permit, verdict);
}

function keysOf(hosts: KeyedBreakers): string[] {
  return hosts.snapshot().map(({ key }) => key);
}

describe('A breaker that still refuses', () => {
  function setUp(options: Partial<KeyedBreakersOptions['breaker']>, maximumKeys = 1_000) {
    const clock = new VirtualClock();
    const breaker = { trip: consecutiveFailures(1), openForMs: OPEN_MS, halfOpen: { successes: 1 }, clock, ...options };
    return { clock, hosts: keyedBreakers({ name: 'hosts', idleMs: IDLE_MS, maximumKeys, breaker }) };
  }

  /** The breaker of this key has just closed, and is on its ramp. */
  function recover(hosts: KeyedBreakers, clock: VirtualClock, key: string) {
    call(hosts, key, 'failure');
    clock.stall(OPEN_MS);
    call(hosts, key, 'success');
  }

  test('is not forgotten as idle, however long a function has it open.', () => {
    const { clock, hosts } = setUp({ openForMs: () => 10 * IDLE_MS });
    call(hosts, 'asked for', 'failure');
    call(hosts, 'looked at', 'failure');
    clock.stall(5 * IDLE_MS);
    expect(hosts.get('asked for').state.name).toBe('open');
    clock.stall(4 * IDLE_MS);
    expect(keysOf(hosts)).toEqual(['asked for', 'looked at']);
    clock.stall(2 * IDLE_MS);
    expect(keysOf(hosts)).toEqual([]);
  });

  test('does not keep others that are idle, and were used after it.', () => {
    let openMs = 10 * IDLE_MS;
    const { clock, hosts } = setUp({ openForMs: () => openMs });
    call(hosts, 'long', 'failure');
    openMs = OPEN_MS;
    call(hosts, 'short', 'failure');
    clock.stall(IDLE_MS);
    expect(keysOf(hosts)).toEqual(['long']);
  });

  test('is not forgotten as idle on a long ramp.', () => {
    const { clock, hosts } = setUp({ recovery: recoveryRamp({ rampMs: 10 * IDLE_MS }) });
    recover(hosts, clock, 'a');
    clock.stall(5 * IDLE_MS);
    expect(hosts.get('a').state).toHaveProperty('ramp');
    clock.stall(5 * IDLE_MS);
    expect(hosts.get('a').state).not.toHaveProperty('ramp');
  });

  test('on a ramp goes after a closed one for want of room, and as a closed one once it has been asked for after that.', () => {
    const { clock, hosts } = setUp({ recovery: recoveryRamp({ rampMs: OPEN_MS }) }, 2);
    const dropped: string[] = [];
    hosts.on('key-dropped', ({ key }) => dropped.push(key));
    recover(hosts, clock, 'a');
    for (const key of ['b', 'c']) hosts.get(key);
    expect(dropped).toEqual(['b']);
    clock.stall(OPEN_MS);
    for (const key of ['a', 'c', 'd']) hosts.get(key);
    expect(dropped).toEqual(['b', 'a']);
  });

  test.each([
    ['is on its ramp', 0, () => {}],
    ['has come to the end of it', OPEN_MS, (well: CircuitBreaker) => well.tryAcquire()],
    ['was reset on it', 0, (well: CircuitBreaker) => well.reset()],
  ])('and is open stays when there is another that %s.', (_what, waitMs, then) => {
    let openMs = 5 * IDLE_MS;
    const { clock, hosts } = setUp({ recovery: recoveryRamp({ rampMs: OPEN_MS }), openForMs: () => openMs }, 2);
    const dropped: string[] = [];
    hosts.on('key-dropped', ({ key }) => dropped.push(key));
    call(hosts, 'down', 'failure');
    openMs = OPEN_MS;
    recover(hosts, clock, 'well');
    const well = hosts.get('well');
    clock.stall(waitMs);
    then(well);
    hosts.get('new');
    expect(dropped).toEqual(['well']);
  });
});
