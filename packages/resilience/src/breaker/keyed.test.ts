import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BreakerOpenError, InvalidOptionsError } from '../errors.ts';
import type { ListenerFault } from '../events.ts';
import { Registry } from '../metrics/registry.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { type KeyedBreakers, type KeyedBreakersEvents, keyedBreakers } from './keyed.ts';
import type { KeyedBreakersOptions } from './keyed-options.ts';
import { consecutiveFailures } from './trip-rule.ts';

const OPEN_MS = 1_000;
const IDLE_MS = 10_000;

function setUp(options: Partial<Omit<KeyedBreakersOptions, 'breaker'>> & { readonly registry?: Registry } = {}) {
  const clock = new VirtualClock();
  const { registry, ...others } = options;
  const breaker = { trip: consecutiveFailures(1), openForMs: OPEN_MS, halfOpen: { successes: 1 }, clock, registry };
  const hosts = keyedBreakers({ name: 'hosts', idleMs: IDLE_MS, ...others, breaker });
  const dropped: string[] = [];
  hosts.on('key-dropped', ({ key, reason, state }) => dropped.push(`${key} ${state.name}: ${reason}`));
  return { clock, hosts, dropped };
}

/** One call through the breaker of a key; refused calls change nothing. */
function call(hosts: KeyedBreakers, key: string, verdict: 'success' | 'failure'): void {
  const breaker = hosts.get(key);
  const permit = breaker.tryAcquire();
  if (permit !== undefined) breaker.settle(permit, verdict);
}

function keysOf(hosts: KeyedBreakers): string[] {
  return hosts.snapshot().map(({ key }) => key);
}

describe('The breaker of a key', () => {
  test('is the same at every asking, and another for every key.', () => {
    const { hosts } = setUp();
    expect(hosts.get('a')).toBe(hosts.get('a'));
    expect(hosts.get('b')).not.toBe(hosts.get('a'));
    expect([hosts.get('a').name, hosts.get('b').name, hosts.size]).toEqual(['hosts/a', 'hosts/b', 2]);
  });

  test('opens for itself alone, and says in its refusal which it is.', async () => {
    const { hosts } = setUp();
    const down = () => Promise.reject(new Error('down'));
    await expect(hosts.get('a').execute(down)).rejects.toThrow('down');
    await expect(hosts.get('a').execute(down)).rejects.toThrow(BreakerOpenError);
    await expect(hosts.get('a').execute(down)).rejects.toMatchObject({ breaker: 'hosts/a' });
    expect(await hosts.get('b').execute(() => 'well')).toBe('well');
  });

  test('may be any string, also one that objects know.', () => {
    const { hosts } = setUp();
    for (const key of ['', '__proto__', 'constructor', 'other', '🐘']) expect(hosts.get(key).name).toBe(`hosts/${key}`);
    expect(hosts.size).toBe(5);
    expect(() => Reflect.apply(hosts.get, hosts, [5])).toThrow("keyedBreakers 'hosts': key is 5, expected a string");
  });

  test('tells what happens to it with its key.', () => {
    const { hosts } = setUp();
    const changes: string[] = [];
    hosts.on('state-changed', ({ key, breaker, from, to }) => changes.push(`${key} (${breaker}): ${from} to ${to}`));
    call(hosts, 'a', 'failure');
    hosts.get('b').isolate('maintenance').release();
    expect(changes).toEqual([
      'a (hosts/a): closed to open',
      'b (hosts/b): closed to isolated',
      'b (hosts/b): isolated to closed',
    ]);
  });

  test('is dropped by hand when the key will not come again.', () => {
    const { hosts, dropped } = setUp();
    call(hosts, 'a', 'failure');
    expect([hosts.forget('a'), hosts.forget('a'), hosts.size]).toEqual([true, false, 0]);
    expect(hosts.get('a').state.name).toBe('closed');
    expect(dropped).toEqual(['a open: forgotten']);
  });

  test('that is no longer kept works on, but is heard of no more.', () => {
    const { hosts } = setUp();
    const old = hosts.get('a');
    hosts.forget('a');
    const changes: string[] = [];
    hosts.on('state-changed', ({ key }) => changes.push(key));
    old.trip('by hand');
    expect([old.state.name, hosts.get('a').state.name, changes]).toEqual(['open', 'closed', []]);
  });
});

describe('When there are too many keys', () => {
  test('the least recently used goes.', () => {
    const { hosts, dropped } = setUp({ maximumKeys: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd']) hosts.get(key);
    expect(dropped).toEqual(['b closed: full']);
    expect(keysOf(hosts)).toEqual(['d', 'a', 'c']);
  });

  test('a closed breaker goes before an open, a half-open or an isolated one, however recently it was used.', async () => {
    const { hosts, dropped, clock } = setUp({ maximumKeys: 4 });
    hosts.get('isolated').isolate('maintenance');
    call(hosts, 'half-open', 'failure');
    await clock.advance(OPEN_MS);
    hosts.get('half-open').tryAcquire();
    call(hosts, 'open', 'failure');
    for (const key of ['a', 'b', 'c']) hosts.get(key);
    expect(dropped).toEqual(['a closed: full', 'b closed: full']);
    expect(hosts.snapshot().map(({ state }) => state.name)).toEqual(['isolated', 'open', 'half-open', 'closed']);
  });

  test('open ones go when there is nothing closed, isolated ones only when there is nothing else.', () => {
    const { hosts, dropped } = setUp({ maximumKeys: 2 });
    hosts.get('a').isolate('maintenance');
    call(hosts, 'b', 'failure');
    call(hosts, 'c', 'failure');
    hosts.get('c').isolate('maintenance');
    call(hosts, 'd', 'success');
    expect(dropped).toEqual(['b open: full', 'a isolated: full']);
  });

  test('a breaker that has closed again goes like any other.', async () => {
    const { hosts, dropped, clock } = setUp({ maximumKeys: 2 });
    call(hosts, 'a', 'failure');
    await clock.advance(OPEN_MS);
    call(hosts, 'a', 'success');
    for (const key of ['b', 'c']) hosts.get(key);
    expect(dropped).toEqual(['a closed: full']);
  });

  test('there are never more breakers than the maximum, whatever the keys.', () => {
    const { hosts } = setUp({ maximumKeys: 50 });
    for (let key = 0; key < 5_000; key++) {
      call(hosts, String(key), key % 3 === 0 ? 'failure' : 'success');
      expect(hosts.size).toBeLessThanOrEqual(50);
    }
  });
});

describe('A breaker that nobody asks for', () => {
  test('is dropped after the idle time, and the next asking gets one that has counted nothing.', async () => {
    const clock = new VirtualClock();
    const breaker = { trip: consecutiveFailures(2), openForMs: OPEN_MS, clock };
    const hosts = keyedBreakers({ name: 'hosts', idleMs: IDLE_MS, breaker });
    call(hosts, 'a', 'failure');
    await clock.advance(IDLE_MS - 1);
    hosts.get('a');
    await clock.advance(IDLE_MS);
    call(hosts, 'a', 'failure');
    expect(hosts.get('a').state.name).toBe('closed');
    call(hosts, 'a', 'failure');
    expect(hosts.get('a').state.name).toBe('open');
  });

  test('is dropped whether it is closed or open, but not when it is isolated.', async () => {
    const { hosts, dropped, clock } = setUp();
    hosts.get('isolated').isolate('maintenance');
    call(hosts, 'open', 'failure');
    hosts.get('closed');
    await clock.advance(IDLE_MS - 1);
    expect(hosts.snapshot()).toHaveLength(3);
    await clock.advance(1);
    expect(hosts.snapshot()).toMatchObject([{ key: 'isolated', idleForMs: IDLE_MS }]);
    expect(dropped).toEqual(['closed closed: idle', 'open open: idle']);
  });

  test('is kept as long as there is room when the idle time is Infinity.', async () => {
    const { hosts, clock } = setUp({ idleMs: Infinity });
    hosts.get('a');
    await clock.advance(1e12);
    expect(keysOf(hosts)).toEqual(['a']);
  });

  test('goes before another that would have to go for want of room.', async () => {
    const { hosts, dropped, clock } = setUp({ maximumKeys: 2 });
    call(hosts, 'open', 'failure');
    await clock.advance(IDLE_MS);
    for (const key of ['a', 'b']) hosts.get(key);
    expect(dropped).toEqual(['open open: idle']);
  });
});

test('Keyed breakers keep and drop exactly what a plain list would, whatever is asked and whatever happens to them.', async () => {
  const operation = fc.record({
    what: fc.constantFrom('ask', 'ask', 'fail', 'fail', 'succeed', 'isolate', 'release', 'forget', 'look'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    waitMs: fc.constantFrom(0, 0, 1, OPEN_MS, IDLE_MS / 2, IDLE_MS),
  });
  const rankOf = (name: string): number => ['closed', 'open', 'isolated'].indexOf(name.replace('half-open', 'open'));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(operation, { maxLength: 80, size: 'large' }),
      (maximumKeys, all) => {
        let now = 0;
        const clock = { now: () => now, wallNow: () => 0 };
        const breaker = { trip: consecutiveFailures(1), openForMs: OPEN_MS, halfOpen: { successes: 1 }, clock };
        const hosts = keyedBreakers({ name: 'hosts', idleMs: IDLE_MS, maximumKeys, breaker });
        /** From the least to the most recently used. */
        let rows: { readonly key: string; readonly usedAt: number; readonly rank: number }[] = [];
        const use = (key: string, rank: number): void => {
          rows = [...rows.filter((row) => row.key !== key), { key, usedAt: now, rank }];
        };
        const dropIdle = (): void => {
          rows = rows.filter(({ usedAt, rank }) => rank === 2 || now - usedAt < IDLE_MS);
        };
        hosts.on('state-changed', ({ key, to }) => use(key, rankOf(to)));
        const ask = (key: string) => {
          const row = rows.find((other) => other.key === key);
          if (row === undefined || (row.rank < 2 && now - row.usedAt >= IDLE_MS)) {
            dropIdle();
            const [first] = rows.toSorted((one, other) => one.rank - other.rank);
            if (rows.length >= maximumKeys) rows = rows.filter((other) => other !== first);
            use(key, 0);
          } else {
            use(key, row.rank);
          }
          return hosts.get(key);
        };
        const handles = new Map<string, { release(): void }>();
        for (const { what, key, waitMs } of all) {
          now += waitMs;
          if (what === 'ask') ask(key);
          if (what === 'fail' || what === 'succeed') {
            const asked = ask(key);
            const permit = asked.tryAcquire();
            if (permit !== undefined) asked.settle(permit, what === 'fail' ? 'failure' : 'success');
          }
          if (what === 'isolate') handles.set(key, ask(key).isolate('maintenance'));
          if (what === 'release') handles.get(key)?.release();
          if (what === 'forget') expect(hosts.forget(key)).toBe(rows.some((row) => row.key === key));
          if (what === 'forget') rows = rows.filter((row) => row.key !== key);
          expect(hosts.size).toBe(rows.length);
          if (what !== 'look') continue;
          dropIdle();
          const expected = rows.toSorted((one, other) => one.rank - other.rank).toReversed();
          expect(hosts.snapshot().map(({ key: kept, idleForMs }) => [kept, idleForMs])).toEqual(
            expected.map((row) => [row.key, now - row.usedAt]),
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});

describe('The metrics of keyed breakers', () => {
  const LABELS_PER_STATE = 4;

  function read(registry: Registry, name: string): Record<string, number> {
    const found = registry
      .read()
      .metrics.filter((metric) => metric.name === name && 'value' in metric && metric.value > 0);
    return Object.fromEntries(
      found.map((metric) => [Object.values(metric.labels).join(' '), 'value' in metric ? metric.value : Number.NaN]),
    );
  }

  test('are of their own for so many keys, and of one set together for all others.', () => {
    const registry = new Registry();
    const { hosts } = setUp({ metricKeys: 2, registry });
    for (const key of ['a', 'b', 'c', 'd']) call(hosts, key, 'success');
    call(hosts, 'd', 'failure');
    expect(read(registry, 'cryo_breaker_calls_total')).toEqual({
      'hosts/a success': 1,
      'hosts/b success': 1,
      'hosts/other success': 2,
      'hosts/other failure': 1,
    });
    expect(read(registry, 'cryo_breaker_transitions_total')).toEqual({ 'hosts/other open': 1 });
  });

  test('show a state of the others while any of them is in it.', () => {
    const registry = new Registry();
    const { hosts } = setUp({ metricKeys: 1, registry });
    for (const key of ['a', 'b', 'c']) call(hosts, key, 'success');
    call(hosts, 'b', 'failure');
    expect(read(registry, 'cryo_breaker_state')).toEqual({
      'hosts/a closed': 1,
      'hosts/other closed': 1,
      'hosts/other open': 1,
    });
    for (const key of ['b', 'c']) hosts.forget(key);
    expect(read(registry, 'cryo_breaker_state')).toEqual({ 'hosts/a closed': 1 });
  });

  test('go with their key, and the place goes to the next new one.', () => {
    const registry = new Registry();
    const { hosts } = setUp({ metricKeys: 1, maximumKeys: 2, registry });
    for (const key of ['a', 'b', 'c']) call(hosts, key, 'success');
    expect(read(registry, 'cryo_breaker_calls_total')).toEqual({ 'hosts/other success': 1, 'hosts/c success': 1 });
  });

  test('never grow in number beyond the bound, however many keys come and go.', () => {
    const registry = new Registry();
    const { hosts } = setUp({ metricKeys: 3, maximumKeys: 10, registry });
    for (let key = 0; key < 1_000; key++) call(hosts, String(key), key % 2 === 0 ? 'success' : 'failure');
    const states = registry.read().metrics.filter(({ name }) => name === 'cryo_breaker_state');
    expect(states).toHaveLength((3 + 1) * LABELS_PER_STATE);
    const calls = Object.values(read(registry, 'cryo_breaker_calls_total'));
    expect(calls.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(1_000);
  });

  test('of a key that is called other are those of the others.', () => {
    const registry = new Registry();
    const { hosts } = setUp({ metricKeys: 1, registry });
    call(hosts, 'other', 'success');
    call(hosts, 'a', 'success');
    call(hosts, 'b', 'success');
    hosts.forget('other');
    expect(read(registry, 'cryo_breaker_calls_total')).toEqual({ 'hosts/other success': 2, 'hosts/a success': 1 });
  });
});

test('A listener that throws, or asks for breakers itself, changes nothing.', () => {
  const faults: ListenerFault[] = [];
  const trip = consecutiveFailures(1);
  const breaker = { trip, openForMs: 1, listenerFailed: (fault: ListenerFault) => void faults.push(fault) };
  const hosts = keyedBreakers({ name: 'hosts', maximumKeys: 1, breaker });
  const seen: KeyedBreakersEvents['key-dropped'][] = [];
  hosts.on('key-dropped', () => {
    throw new Error('listener');
  });
  hosts.on('key-dropped', (event) => {
    if (seen.push(event) < 5) hosts.get(`another ${seen.length}`);
  });
  for (const key of ['a', 'b']) expect(hosts.get(key).name).toBe(`hosts/${key}`);
  expect(seen.map(({ key }) => key)).toEqual(['a', 'b', 'another 1', 'another 2', 'another 3']);
  expect([hosts.size, faults.length, keysOf(hosts)]).toEqual([1, 5, ['another 4']]);
});

describe('Bad options of keyed breakers', () => {
  test('are all named at once, those of the breakers among them.', () => {
    const options = {
      ...{ name: '', maximumKeys: 0, metricKeys: -1, idleMs: 0, maximumKey: 5 },
      breaker: { trip: 5, openForMs: -1, name: 'hosts', halfOpen: { probes: 0 } },
    };
    expect(() => Reflect.apply(keyedBreakers, undefined, [options])).toThrow(
      new InvalidOptionsError("keyedBreakers ''", [
        { path: 'maximumKey', value: 5, expected: 'one of the options name, breaker, maximumKeys, idleMs, metricKeys' },
        { path: 'name', value: '', expected: 'a name' },
        { path: 'breaker.name', value: 'hosts', expected: 'no name: each breaker is called after its key' },
        { path: 'breaker.trip', value: 5, expected: 'a trip rule, such as consecutiveFailures(5)' },
        {
          path: 'breaker.openForMs',
          value: -1,
          expected: 'a number of at least 0 ms, or a function that answers one, or Infinity',
        },
        { path: 'breaker.halfOpen.probes', value: 0, expected: 'an integer from 1 to 1000 probes at once' },
        { path: 'maximumKeys', value: 0, expected: 'an integer from 1 to 1000000 keys' },
        { path: 'metricKeys', value: -1, expected: 'an integer from 0 to 1000000 keys' },
        { path: 'idleMs', value: 0, expected: 'a number above 0 ms, or Infinity' },
      ]),
    );
    expect(() => Reflect.apply(keyedBreakers, undefined, [{}])).toThrow('breaker is undefined, expected an object');
    expect(() => setUp({ maximumKeys: Infinity })).toThrow('maximumKeys is Infinity');
  });

  test('that would forget a breaker while it is open are refused.', () => {
    const build = (idleMs: number, openForMs: number) => () =>
      keyedBreakers({ name: 'hosts', idleMs, breaker: { trip: consecutiveFailures(1), openForMs } });
    expect(build(1_000, 1_000)).toThrow('idleMs is 1000, expected a number above 1000 ms');
    expect(build(1_000, Infinity)).toThrow('idleMs is 1000, expected Infinity');
    expect(build(1_001, 1_000)).not.toThrow();
    expect(build(Infinity, Infinity)).not.toThrow();
  });
});
