import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { MetricReading, RegistryReading } from './reading.ts';
import { Registry } from './registry.ts';

let clock: VirtualClock;
let registry: Registry;

beforeEach(() => {
  clock = new VirtualClock({ startMs: 1_000 });
  registry = new Registry({ clock });
});

const LEASES = { name: 'leases', help: 'Leases granted.' };
const WAIT = { name: 'wait', help: 'Time in the queue.', unit: 'ms' };

function named(reading: RegistryReading, name: string): MetricReading | undefined {
  return reading.metrics.find((metric) => metric.name === name);
}

/** A reading of a histogram that says nothing. */
const hollow = { ...WAIT, labels: {}, kind: 'histogram', histogram: {} };

function throughJson(reading: RegistryReading): RegistryReading {
  return JSON.parse(JSON.stringify(reading));
}

describe('Asking for a metric', () => {
  test('again with the same name and labels gives the same metric, in whatever order the labels come.', () => {
    const one = registry.counter({ ...LEASES, labels: { pool: 'orders', kind: 'read' } });
    expect(registry.counter({ ...LEASES, labels: { kind: 'read', pool: 'orders' } })).toBe(one);
    expect(registry.counter({ ...LEASES, labels: { kind: 'write', pool: 'orders' } })).not.toBe(one);
    expect(registry.histogram(WAIT)).toBe(registry.histogram({ ...WAIT, labels: {} }));
  });

  test('keeps labels apart whose values contain what might separate them.', () => {
    const one = registry.counter({ ...LEASES, labels: { a: 'x","b":"y', b: '' } });
    expect(registry.counter({ ...LEASES, labels: { a: 'x', b: 'y' } })).not.toBe(one);
  });

  test('under a name that is something else names every difference at once.', () => {
    registry.histogram({ ...WAIT, labels: { pool: 'orders' } });
    const wrong = () => registry.counter({ name: 'wait', help: 'Something else.', labels: { queue: 'orders' } });
    expect(wrong).toThrow(InvalidOptionsError);
    expect(wrong).toThrow(
      "Registry.counter() 'wait': kind is 'counter', expected 'histogram', as it was at first; " +
        "help is 'Something else.', expected 'Time in the queue.', as it was at first; " +
        "unit is undefined, expected 'ms', as it was at first; " +
        "labelNames is 'queue', expected 'pool', as it was at first",
    );
  });

  test('with a definition that is not one lists every fault and registers nothing.', () => {
    const wrong = { name: '', help: 5, unit: 1, labels: { pool: 7 } } as never;
    expect(() => registry.gauge(wrong)).toThrow(
      "Registry.gauge() '': name is '', expected letters, digits and _, no digit first; " +
        'help is 5, expected a string; unit is 1, expected a string; labels.pool is 7, expected a string',
    );
    expect(registry.read().metrics).toEqual([]);
  });

  test('under a name that Prometheus would not take, of itself or of a label, is a fault and registers nothing.', () => {
    for (const name of ['bad name!{}', 'a-b', '1st', 'ms\n', 'größe', 5 as never]) {
      expect(() => registry.counter({ ...LEASES, name })).toThrow('expected letters, digits and _, no digit first');
    }
    for (const label of ['a-b', '__x', '', '1st', 'a.b', 'labels.a', 'ms\n']) {
      expect(() => registry.histogram({ ...WAIT, labels: { [label]: 'x' } })).toThrow(
        `Registry.histogram() 'wait': labels.${label} is 'x', expected a label of letters, digits and _, no digit or __ first`,
      );
    }
    expect(registry.read().metrics).toEqual([]);
    registry.counter({ name: '_Total_2', help: '.', labels: { _A: '', b_2: 'any value! {}' } });
    expect(registry.read().metrics).toHaveLength(1);
  });

  test('does not hold on to the labels that were passed.', () => {
    const labels = { pool: 'orders' };
    registry.counter({ ...LEASES, labels });
    labels.pool = 'changed';
    expect(named(registry.read(), 'leases')?.labels).toEqual({ pool: 'orders' });
  });
});

describe('A reading', () => {
  test('is every metric as data, in the order in which they came, with its time and the age of the registry.', async () => {
    registry.counter({ ...LEASES, labels: { pool: 'orders' } }).add(3);
    registry.gauge({ name: 'idle', help: 'Idle connections.', unit: 'connections' }).set(2);
    registry.histogram(WAIT).record(5);
    await clock.advance(250);
    expect(registry.read()).toEqual({
      kind: 'total',
      atMs: 1_250,
      ageMs: 250,
      metrics: [
        { ...LEASES, unit: undefined, labels: { pool: 'orders' }, kind: 'counter', value: 3 },
        { name: 'idle', help: 'Idle connections.', unit: 'connections', labels: {}, kind: 'gauge', value: 2 },
        {
          ...WAIT,
          labels: {},
          kind: 'histogram',
          histogram: { count: 1, sum: 5, mean: 5, p50: 5, p95: 5, p99: 5, max: 5, rejected: 0, buckets: [[5, 1]] },
        },
      ],
    });
  });

  test('is frozen through and through, and survives JSON.', () => {
    registry.counter({ ...LEASES, labels: { pool: 'orders' } });
    registry.histogram(WAIT).record(5);
    const reading = registry.read();
    const parts = [reading, reading.metrics, ...reading.metrics, ...reading.metrics.map((metric) => metric.labels)];
    expect(parts.every(Object.isFrozen)).toBe(true);
    expect(throughJson(reading)).toEqual(reading);
  });

  test('resets nothing, and does not move afterwards.', () => {
    const counter = registry.counter(LEASES);
    counter.add(5);
    const first = registry.read();
    counter.add();
    expect(named(first, 'leases')).toMatchObject({ value: 5 });
    expect(named(registry.read(), 'leases')).toMatchObject({ value: 6 });
  });
});

describe('A gauge', () => {
  test('may be read through a function, whenever the registry is read.', () => {
    let idle = 4;
    const gauge = registry.gauge({ name: 'idle', help: 'Idle connections.', read: () => idle });
    expect([gauge.value, named(registry.read(), 'idle')]).toEqual([4, expect.objectContaining({ value: 4 })]);
    idle = 5;
    expect(named(registry.read(), 'idle')).toMatchObject({ value: 5 });
  });

  test('that is registered again is read through the newer function.', () => {
    registry.gauge({ name: 'idle', help: 'Idle connections.', read: () => 1 });
    registry.gauge({ name: 'idle', help: 'Idle connections.', read: () => 2 });
    expect(named(registry.read(), 'idle')).toMatchObject({ value: 2 });
  });

  test('that throws, or is not a finite number, is left out and spoils no other.', () => {
    registry.gauge({
      name: 'broken',
      help: '.',
      read: () => {
        throw new Error('gone');
      },
    });
    registry.gauge({ name: 'nothing', help: '.', read: () => Number.NaN });
    registry.gauge({ name: 'endless', help: '.' }).set(Infinity);
    registry.counter(LEASES).add();
    expect(registry.read().metrics.map((metric) => metric.name)).toEqual(['leases']);
  });
});

describe('The change since an earlier reading', () => {
  test('is what counters and histograms did in between, gauges as they are, and how long that was.', async () => {
    const leases = registry.counter(LEASES);
    const wait = registry.histogram(WAIT);
    const idle = registry.gauge({ name: 'idle', help: 'Idle connections.' });
    leases.add(10);
    wait.record(100);
    idle.set(7);
    await clock.advance(500);
    const earlier = registry.read();
    leases.add(2);
    wait.record(3);
    idle.set(6);
    await clock.advance(60);
    const change = registry.read({ since: earlier });
    expect(change).toMatchObject({ kind: 'change', atMs: 1_560, ageMs: 60 });
    expect(named(change, 'leases')).toMatchObject({ value: 2 });
    expect(named(change, 'idle')).toMatchObject({ value: 6 });
    expect(named(change, 'wait')).toMatchObject({ histogram: { count: 1, sum: 3, buckets: [[3, 1]] } });
    expect(Object.isFrozen(change)).toBe(true);
  });

  test('is the same when the earlier reading has been through JSON.', () => {
    registry.counter({ ...LEASES, labels: { pool: 'orders' } }).add(10);
    registry.histogram(WAIT).record(100);
    const earlier = registry.read();
    registry.counter({ ...LEASES, labels: { pool: 'orders' } }).add(1);
    registry.histogram(WAIT).record(0.25);
    expect(registry.read({ since: throughJson(earlier) })).toEqual(registry.read({ since: earlier }));
  });

  test('can itself be what the next change starts from, so that a reporter only keeps its last reading.', () => {
    const leases = registry.counter(LEASES);
    let last = registry.read();
    const changes: unknown[] = [];
    for (const amount of [5, 0, 3]) {
      leases.add(amount);
      last = registry.read({ since: last });
      changes.push(named(last, 'leases'));
    }
    expect(changes).toMatchObject([{ value: 5 }, { value: 0 }, { value: 3 }]);
  });

  test('cannot start from a change that is only known as data: it does not say where it started itself.', () => {
    const change = registry.read({ since: registry.read() });
    expect(() => registry.read({ since: throughJson(change) })).toThrow(InvalidOptionsError);
  });

  test('is everything for a metric that is new, or that began anew and reads less than before.', () => {
    const before = new Registry({ clock });
    before.counter(LEASES).add(100);
    before.histogram(WAIT).record(9, 50);
    const earlier = before.read();
    registry.counter(LEASES).add(4);
    registry.histogram(WAIT).record(9);
    registry.counter({ name: 'new', help: '.' }).add(2);
    const change = registry.read({ since: earlier });
    expect(change.metrics).toMatchObject([{ value: 4 }, { histogram: { count: 1 } }, { value: 2 }]);
  });

  test('is everything for a metric that was of another kind before.', () => {
    const before = new Registry({ clock });
    before.gauge({ name: 'leases', help: '.' }).set(3);
    registry.counter(LEASES).add(4);
    expect(named(registry.read({ since: before.read() }), 'leases')).toMatchObject({ value: 4 });
  });
});

describe('Removing a metric', () => {
  test('takes that one out of all readings, and its name is free once the last of it is gone.', () => {
    registry.counter({ ...LEASES, labels: { pool: 'a' } });
    registry.counter({ ...LEASES, labels: { pool: 'b' } });
    expect(registry.remove({ name: 'leases', labels: { pool: 'a' } })).toBe(true);
    expect(registry.read().metrics.map((metric) => metric.labels)).toEqual([{ pool: 'b' }]);
    expect(registry.remove({ name: 'leases', labels: { pool: 'b' } })).toBe(true);
    expect(() => registry.histogram({ name: 'leases', help: 'Now something else.' })).not.toThrow();
  });

  test('that is not there is told.', () => {
    registry.counter(LEASES);
    expect(registry.remove({ name: 'unknown' })).toBe(false);
    expect(registry.remove({ name: 'leases', labels: { pool: 'a' } })).toBe(false);
  });

  test('lets it begin at nothing when it is asked for again.', () => {
    registry.counter(LEASES).add(5);
    registry.remove(LEASES);
    expect(registry.counter(LEASES).value).toBe(0);
  });
});

test('A registry needs no clock of its own: it has the real one.', () => {
  expect(new Registry().read().ageMs).toBeGreaterThanOrEqual(0);
});

describe('A registry that is given something else', () => {
  test('says so, and registers nothing, where there is no definition at all.', () => {
    for (const wrong of [null, undefined, 5, []]) {
      expect(() => registry.counter(wrong as never)).toThrow(InvalidOptionsError);
    }
    expect(() => registry.counter(null as never)).toThrow(
      'Registry.counter() undefined: options is null, expected an object',
    );
    expect(() => registry.counter({ ...LEASES, labels: null } as never)).toThrow('labels is null, expected an object');
    expect(() => registry.gauge({ ...LEASES, read: 3 } as never)).toThrow('read is 3, expected a function');
    expect(registry.read().metrics).toEqual([]);
  });

  test('says so where there is no clock in it, or no reading that it could have made.', () => {
    expect(() => new Registry(null as never)).toThrow('Registry: options is null, expected an object');
    expect(() => new Registry({ clock: {} } as never)).toThrow('clock is an object, expected an object with now()');
    expect(() => registry.read({ since: { kind: 'total' } } as never)).toThrow('since is an object, expected a total');
    for (const metrics of [[null], [{}], [{ ...LEASES, value: 1 }], [{ ...LEASES, labels: {} }], {}, [hollow]]) {
      expect(() => registry.read({ since: { kind: 'total', atMs: 0, metrics } as never })).toThrow(
        'Registry.read(): since is an object, expected a total, or a change read from a registry in this process',
      );
    }
    expect(() => registry.read({ since: { kind: 'total', metrics: [] } as never })).toThrow(InvalidOptionsError);
    expect(() => registry.read(null as never)).toThrow('Registry.read(): options is null, expected an object');
  });
});
