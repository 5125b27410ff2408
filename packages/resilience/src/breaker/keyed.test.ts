import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BreakerOpenError, InvalidOptionsError } from '../errors.ts';
import type { ListenerFault } from '../hooks.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { IsolationHandle } from './contract.ts';
import { type KeyedBreakers, type KeyedBreakersEvents, keyedBreakers } from './keyed.ts';
import type { KeyedBreakersOptions } from './keyed-options.ts';
import type { Permit } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

const OPEN_MS = 1_000;
const IDLE_MS = 10_000;

function setUp(options: Partial<Omit<KeyedBreakersOptions, 'breaker'>> = {}) {
  const clock = new VirtualClock();
  const breaker = { trip: consecutiveFailures(1), openForMs: OPEN_MS, halfOpen: { successes: 1 }, clock };
  const hosts = keyedBreakers({ name: 'hosts', idleMs: IDLE_MS, ...options, breaker });
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

  test('that is no longer kept gives permits that mean nothing to its successor, nor to the breaker of another key.', () => {
    const { hosts } = setUp();
    const permit = hosts.get('a').tryAcquire() as Permit;
    hosts.forget('a');
    for (const key of ['a', 'b']) {
      expect(hosts.get(key).settle(permit, 'failure')).toBe('stale');
      expect(hosts.get(key).state.name).toBe('closed');
    }
  });

  test('that is no longer kept works on, but is heard of no more.', () => {
    const { hosts } = setUp();
    const old = hosts.get('a');
    hosts.forget('a');
    const changes: string[] = [];
    hosts.on('state-changed', ({ key }) => changes.push(key));
    old.trip('by hand');
    expect([old.state.name, hosts.get('a').state.name, changes]).toEqual(['open', 'closed', []]);
    old.isolate('it is not what is kept under the key now');
    expect([hosts.snapshot().map(({ state }) => state.name), changes]).toEqual([['closed'], []]);
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

interface NaiveRow {
  readonly key: string;
  readonly usedAt: number;
  readonly rank: number;
}

/** Which keys are kept by the definition: a list from the least to the most recently used, sorted anew at every question. */
class NaiveKeys {
  rows: NaiveRow[] = [];
  readonly #maximum: number;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  ask(key: string, now: number): void {
    const row = this.rows.find((other) => other.key === key);
    if (row !== undefined && !this.#isIdle(row, now)) {
      this.use(key, row.rank, now);
      return;
    }
    this.dropIdle(now);
    const [first] = this.#byRank();
    if (this.rows.length >= this.#maximum) this.rows = this.rows.filter((other) => other !== first);
    this.use(key, 0, now);
  }

  use(key: string, rank: number, now: number): void {
    this.forget(key);
    this.rows.push({ key, usedAt: now, rank });
  }

  forget(key: string): void {
    this.rows = this.rows.filter((row) => row.key !== key);
  }

  dropIdle(now: number): void {
    this.rows = this.rows.filter((row) => !this.#isIdle(row, now));
  }

  readings(now: number): [key: string, idleForMs: number][] {
    return this.#byRank()
      .toReversed()
      .map(({ key, usedAt }) => [key, now - usedAt]);
  }

  #byRank(): NaiveRow[] {
    return this.rows.toSorted((one, other) => one.rank - other.rank);
  }

  #isIdle({ rank, usedAt }: NaiveRow, now: number): boolean {
    return rank < 2 && now - usedAt >= IDLE_MS;
  }
}

/** Keyed breakers and the list beside them, which are told the same. */
function setUpBoth(maximumKeys: number) {
  const time = { now: 0 };
  const clock = { now: () => time.now, wallNow: () => 0 };
  const breaker = { trip: consecutiveFailures(1), openForMs: OPEN_MS, halfOpen: { successes: 1 }, clock };
  const hosts = keyedBreakers({ name: 'hosts', idleMs: IDLE_MS, maximumKeys, breaker });
  const naive = new NaiveKeys(maximumKeys);
  const ranks = { closed: 0, open: 1, 'half-open': 1, isolated: 2 };
  hosts.on('state-changed', ({ key, to }) => naive.use(key, ranks[to], time.now));
  const get = (key: string) => {
    naive.ask(key, time.now);
    return hosts.get(key);
  };
  return { time, hosts, naive, get };
}

test('Keyed breakers keep and drop exactly what a plain list would, whatever is asked and whatever happens to them.', () => {
  const operation = fc.record({
    what: fc.constantFrom('ask', 'failure', 'failure', 'success', 'isolate', 'release', 'forget', 'look'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    waitMs: fc.constantFrom(0, 0, 1, OPEN_MS, IDLE_MS / 2, IDLE_MS),
  });
  const operations = fc.array(operation, { maxLength: 80, size: 'large' });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), operations, (maximumKeys, all) => {
      const { time, hosts, naive, get } = setUpBoth(maximumKeys);
      const handles = new Map<string, IsolationHandle>();
      for (const { what, key, waitMs } of all) {
        time.now += waitMs;
        if (what === 'ask') get(key);
        if (what === 'failure' || what === 'success') {
          const permit = get(key).tryAcquire();
          if (permit !== undefined) get(key).settle(permit, what);
        }
        if (what === 'isolate') handles.set(key, get(key).isolate('maintenance'));
        if (what === 'release') handles.get(key)?.release();
        if (what === 'forget') {
          expect(hosts.forget(key)).toBe(naive.rows.some((row) => row.key === key));
          naive.forget(key);
        }
        expect(hosts.size).toBe(naive.rows.length);
        if (what !== 'look') continue;
        naive.dropIdle(time.now);
        expect(hosts.snapshot().map((reading) => [reading.key, reading.idleForMs])).toEqual(naive.readings(time.now));
      }
    }),
    { numRuns: 200 },
  );
});

test('Breakers that stay open for long are kept for longer than that, without anybody saying so.', async () => {
  const clock = new VirtualClock();
  const keptFor = async (openForMs: number) => {
    const hosts = keyedBreakers({ name: 'hosts', breaker: { trip: consecutiveFailures(1), openForMs, clock } });
    hosts.get('a');
    const askedAt = clock.now();
    while (hosts.snapshot().length > 0) await clock.advance(100_000);
    return clock.now() - askedAt;
  };
  expect([await keptFor(1_000), await keptFor(300_000), await keptFor(400_000)]).toEqual([600_000, 600_000, 800_000]);
  const forEver = { trip: consecutiveFailures(1), openForMs: Infinity, clock };
  const hosts = keyedBreakers({ name: 'hosts', breaker: forEver });
  hosts.get('a');
  await clock.advance(1e12);
  expect(keysOf(hosts)).toEqual(['a']);
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
        { path: 'maximumKey', value: 5, expected: 'one of the options name, breaker, maximumKeys, metricKeys, idleMs' },
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
