import { InvalidOptionsError, type OptionFault } from '@cryo/resilience';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Driver } from './driver.ts';
import type { PoolOptions } from './options.ts';
import { createPool } from './pool.ts';
import { parseSettings } from './settings.ts';
import { elastic } from './sizer/elastic.ts';

const driver: Driver<object> = {
  name: 'none',
  open: async () => ({}),
  check: async () => {},
  close: async () => {},
  destroy: () => {},
};

function parse(options: object = {}) {
  return parseSettings({ name: 'orders', driver, ...options } as PoolOptions<object>);
}

function errorOf(run: () => unknown): InvalidOptionsError {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error;
  }
  throw new Error('no fault was found');
}

function faultsOf(options: object): string[] {
  return errorOf(() => parse(options)).faults.map((fault: OptionFault) => fault.path);
}

describe('the size that a use is expected to need', () => {
  it('is what a pool must not stay below, at the start and after a resize, so that nobody can wait for himself', async () => {
    const needs = { flows: 10, leasesPerFlow: 2 };
    expect(parse({ size: { max: 11, expect: needs } }).size.expect).toEqual(needs);
    expect(() => parse({ size: { max: 10, expect: needs } })).toThrow(
      'size.max is 10, expected at least 11 connections, which is 10 × (2 − 1) + 1: fewer can deadlock',
    );
    expect(() => parse({ size: { max: 4, absoluteMax: 11, expect: needs } })).not.toThrow();
    expect(() => parse({ size: { expect: { flows: 0, leases: 2 } } })).toThrow(
      'size.expect.leases is 2, expected one of the options flows, leasesPerFlow; ' +
        'size.expect.flows is 0, expected an integer of at least 1 flows; ' +
        'size.expect.leasesPerFlow is undefined, expected an integer of at least 1 leases',
    );
    const pool = createPool({ name: 'orders', driver, size: { min: 0, max: 12, expect: needs } });
    expect(() => pool.resize({ max: 10 })).toThrow(
      "Pool 'orders': resize: max is 10, expected at least 11 connections",
    );
    pool.resize({ max: 11 });
    expect(() => pool.resize({ max: 10 })).toThrow('max is 10');
    await pool.close();
  });

  it('is read once, so that what was judged is what a resize is judged by, whoever has it from his class', async () => {
    class Use {
      readonly #reads = { flows: 0 };

      get flows() {
        return this.#reads.flows++ === 0 ? 10 : Number.NaN;
      }

      get leasesPerFlow() {
        return 2;
      }
    }
    const pool = createPool({ name: 'orders', driver, size: { min: 0, max: 12, expect: new Use() } });
    pool.resize({ max: 11 });
    expect(() => pool.resize({ max: 10 })).toThrow('max is 10, expected at least 11 connections');
    await pool.close();
  });
});

describe('settings of a pool that was told nothing but its name and driver', () => {
  it('are the documented defaults', () => {
    const { size, ...others } = parse();
    expect({ ...size, sizer: size.sizer.name }).toEqual({ min: 3, max: 20, absoluteMax: 50, sizer: 'elastic' });
    expect(others).toEqual({
      name: 'orders',
      acquire: { timeoutMs: 20_000, queueLimit: 10_000 },
      shedding: false,
      connect: {
        timeoutMs: 10_000,
        concurrency: 4,
        maxRetries: 5,
        initialDelayMs: 200,
        maxDelayMs: 10_000,
        jitter: 0.1,
      },
      breaker: { threshold: 5, openForMs: 30_000, successes: 2, probeIntervalMs: 1_000 },
      validation: { timeoutMs: 5_000, bypassMs: 500, intervalMs: 30_000 },
      reset: { timeoutMs: 5_000 },
      closing: { timeoutMs: 5_000 },
      retirement: { maxLifetimeMs: 1_800_000, idleTimeoutMs: 180_000, maxUses: Infinity, jitter: 0.1 },
      leak: { warnAfterMs: 60_000, reclaimAfterMs: Infinity, stacks: 'after-first', detectDropped: false },
      metrics: { reportIntervalMs: 300_000, maxLabels: 0 },
    });
  });

  it('of shedding give way to each other and to the time limit of a request', () => {
    const shedding = (given: object, timeoutMs?: number) => parse({ shedding: given, acquire: { timeoutMs } }).shedding;
    expect(shedding({})).toEqual({ targetMs: 100, intervalMs: 1_000, limitMs: 200 });
    expect(shedding({}, 200)).toEqual({ targetMs: 50, intervalMs: 500, limitMs: 100 });
    expect(shedding({}, Infinity)).toEqual({ targetMs: 100, intervalMs: 1_000, limitMs: 200 });
    expect(shedding({ targetMs: 5, intervalMs: 100 })).toEqual({ targetMs: 5, intervalMs: 100, limitMs: 10 });
    expect(shedding({ limitMs: 60 })).toEqual({ targetMs: 30, intervalMs: 300, limitMs: 60 });
    expect(shedding({ targetMs: 900 }, 1_000)).toEqual({ targetMs: 900, intervalMs: 9_000, limitMs: 1_000 });
  });

  it('are frozen, groups and all', () => {
    const settings = parse();
    expect(Object.isFrozen(settings)).toBe(true);
    for (const group of Object.values(settings)) expect(Object.isFrozen(group)).toBe(true);
  });

  it('are what an option given as undefined leaves', () => {
    const quiet = { size: { min: undefined, max: undefined }, acquire: undefined, leak: { stacks: undefined } };
    expect(JSON.stringify(parse(quiet))).toBe(JSON.stringify(parse()));
  });
});

describe('a default', () => {
  it.each([
    [{ size: { max: 2 } }, { min: 2, max: 2, absoluteMax: 2 }],
    [{ size: { max: 30 } }, { min: 3, max: 30, absoluteMax: 30 }],
    [{ size: { min: 30 } }, { min: 30, max: 30, absoluteMax: 50 }],
    [{ size: { min: 60 } }, { min: 60, max: 60, absoluteMax: 60 }],
    [{ size: { absoluteMax: 10 } }, { min: 3, max: 10, absoluteMax: 10 }],
    [{ size: { absoluteMax: 2 } }, { min: 2, max: 2, absoluteMax: 2 }],
    [{ size: { max: 20, absoluteMax: 80 } }, { min: 3, max: 20, absoluteMax: 80 }],
  ])('of size gives way to what was given: %j', (options, size) => {
    expect(parse(options).size).toMatchObject(size);
  });

  it.each([
    [{ connect: { maxDelayMs: 50 } }, { connect: { initialDelayMs: 50, maxDelayMs: 50 } }],
    [{ connect: { initialDelayMs: 20_000 } }, { connect: { initialDelayMs: 20_000, maxDelayMs: 20_000 } }],
    [{ breaker: { openForMs: 500 } }, { breaker: { openForMs: 500, probeIntervalMs: 500 } }],
    [{ breaker: { probeIntervalMs: 60_000 } }, { breaker: { openForMs: 60_000, probeIntervalMs: 60_000 } }],
    [{ leak: { reclaimAfterMs: 5_000 } }, { leak: { warnAfterMs: 5_000, reclaimAfterMs: 5_000 } }],
  ])('of a time gives way to what was given: %j', (options, settings) => {
    expect(parse(options)).toMatchObject(settings);
  });

  it('of the sizer is elastic where there is room above the maximum, else fixed', () => {
    expect(parse({ size: { max: 20 } }).size.sizer.name).toBe('fixed');
    expect(parse({ size: { max: 20, absoluteMax: 21 } }).size.sizer.name).toBe('elastic');
    const sizer = elastic({ windowMs: 100 });
    expect(parse({ size: { max: 20, sizer } }).size.sizer).toBe(sizer);
  });
});

describe('values at the edge', () => {
  it.each([
    { acquire: { timeoutMs: Infinity, queueLimit: Infinity } },
    { acquire: { timeoutMs: 0.5, queueLimit: 1 } },
    { connect: { timeoutMs: Infinity, maxRetries: 0, jitter: 0 } },
    { connect: { maxRetries: Infinity, jitter: 'decorrelated', budget: { tryTake: () => true } } },
    { connect: { initialDelayMs: 100, maxDelayMs: 100 } },
    { breaker: false },
    { breaker: { openForMs: 1_000, probeIntervalMs: 1_000 } },
    { validation: { timeoutMs: Infinity, bypassMs: 0, intervalMs: Infinity } },
    { validation: { bypassMs: Infinity } },
    { retirement: { maxLifetimeMs: Infinity, idleTimeoutMs: Infinity, maxUses: 1, jitter: 1 } },
    { leak: { warnAfterMs: Infinity, reclaimAfterMs: 1_000 } },
    { leak: { warnAfterMs: 1_000, reclaimAfterMs: 1_000, stacks: 'off', detectDropped: true } },
    { metrics: { reportIntervalMs: Infinity } },
    { size: { min: 0, max: 1 } },
    { size: { min: 5, max: 5, absoluteMax: 5 } },
  ])('are taken as they are: %j', (options) => {
    expect(parse(options)).toMatchObject(options);
  });
});

describe('a fault', () => {
  it.each<[object, string]>([
    [{ acquire: { timeoutMs: 0 } }, 'acquire.timeoutMs'],
    [{ acquire: { timeoutMs: Number.NaN } }, 'acquire.timeoutMs'],
    [{ acquire: { timeoutMs: '20' } }, 'acquire.timeoutMs'],
    [{ acquire: { queueLimit: 0 } }, 'acquire.queueLimit'],
    [{ size: { min: 1.5 } }, 'size.min'],
    [{ size: { min: -1 } }, 'size.min'],
    [{ size: { max: 0 } }, 'size.max'],
    [{ size: { max: Infinity } }, 'size.max'],
    [{ size: { max: 100_001 } }, 'size.max'],
    [{ size: { min: 6, max: 5 } }, 'size.min'],
    [{ size: { max: 6, absoluteMax: 5 } }, 'size.max'],
    [{ size: { sizer: elastic } }, 'size.sizer'],
    [{ size: { sizer: { name: 'mine' } } }, 'size.sizer.start'],
    [{ connect: { initialDelayMs: 300, maxDelayMs: 200 } }, 'connect.initialDelayMs'],
    [{ connect: { jitter: 1.1 } }, 'connect.jitter'],
    [{ connect: { jitter: 'some' } }, 'connect.jitter'],
    [{ connect: { concurrency: 0 } }, 'connect.concurrency'],
    [{ connect: { maxRetries: -1 } }, 'connect.maxRetries'],
    [{ connect: { budget: {} } }, 'connect.budget.tryTake'],
    [{ breaker: true }, 'breaker'],
    [{ breaker: null }, 'breaker'],
    [{ breaker: { threshold: 0 } }, 'breaker.threshold'],
    [{ breaker: { openForMs: Infinity } }, 'breaker.openForMs'],
    [{ breaker: { openForMs: 500, probeIntervalMs: 501 } }, 'breaker.probeIntervalMs'],
    [{ validation: { intervalMs: 0 } }, 'validation.intervalMs'],
    [{ validation: { bypassMs: -1 } }, 'validation.bypassMs'],
    [{ shedding: true }, 'shedding'],
    [{ shedding: { targetMs: 0 } }, 'shedding.targetMs'],
    [{ shedding: { intervalMs: Infinity } }, 'shedding.intervalMs'],
    [{ shedding: { limit: 5 } }, 'shedding.limit'],
    [{ shedding: { targetMs: 50, limitMs: 50 } }, 'shedding.limitMs'],
    [{ acquire: { timeoutMs: 80 }, shedding: { targetMs: 80 } }, 'shedding.targetMs'],
    [{ acquire: { timeoutMs: 80 }, shedding: { limitMs: 81 } }, 'shedding.limitMs'],
    [{ reset: { timeoutMs: 0 } }, 'reset.timeoutMs'],
    [{ closing: { timeoutMs: -5 } }, 'closing.timeoutMs'],
    [{ retirement: { maxUses: 0 } }, 'retirement.maxUses'],
    [{ retirement: { jitter: -0.1 } }, 'retirement.jitter'],
    [{ leak: { warnAfterMs: 2_000, reclaimAfterMs: 1_000 } }, 'leak.reclaimAfterMs'],
    [{ leak: { stacks: 'sometimes' } }, 'leak.stacks'],
    [{ leak: { detectDropped: 1 } }, 'leak.detectDropped'],
    [{ metrics: { reportIntervalMs: 0 } }, 'metrics.reportIntervalMs'],
    [{ timeoutMs: 5 }, 'timeoutMs'],
    [{ acquire: { timeout: 5 } }, 'acquire.timeout'],
    [{ acquire: 5 }, 'acquire'],
    [{ size: [] }, 'size'],
    [{ name: '' }, 'name'],
    [{ name: 5 }, 'name'],
    [{ driver: undefined }, 'driver'],
    [{ driver: { ...driver, check: undefined } }, 'driver.check'],
    [{ driver: { ...driver, secrets: 'hunter2' } }, 'driver.secrets'],
    [{ driver: { ...driver, ref: () => {} } }, 'driver.ref'],
    [{ driver: { ...driver, name: undefined } }, 'driver.name'],
    [{ logger: { info: () => {} } }, 'logger.warn'],
    [{ logger: console.log }, 'logger'],
    [{ clock: {} }, 'clock.now'],
    [{ timers: { set: () => {} } }, 'timers.afterInput'],
    [{ random: 4 }, 'random'],
    [{ capacity: { tryTake: () => true } }, 'capacity.give'],
  ])('is found in %j', (options, path) => {
    expect(faultsOf(options)).toContain(path);
  });

  it('is told with its path, its value, its range and its unit, together with all others, in one error', () => {
    const options = {
      size: { min: 30, max: 20, absoluteMax: 10 },
      acquire: { timeoutMs: 0 },
      connect: { initialDelayMs: 500, maxDelayMs: 100, tries: 3 },
      validation: { timeoutMs: 'soon' },
    };
    expect(errorOf(() => parse(options)).message).toBe(
      [
        "createPool 'orders': size.min is 30, expected at most size.max, which is 20 connections",
        'size.max is 20, expected at most size.absoluteMax, which is 10 connections',
        'acquire.timeoutMs is 0, expected a number above 0 ms, or Infinity',
        'connect.tries is 3, expected one of the options timeoutMs, concurrency, maxRetries, initialDelayMs, maxDelayMs, jitter, budget',
        'connect.initialDelayMs is 500, expected at most connect.maxDelayMs, which is 100 ms',
        "validation.timeoutMs is 'soon', expected a number above 0 ms, or Infinity",
      ].join('; '),
    );
  });

  it('of one bound is not found again in its comparison with the other', () => {
    expect(faultsOf({ size: { min: 'x', max: -4 } })).toEqual(['size.min', 'size.max']);
    expect(faultsOf({ breaker: { openForMs: 'x', probeIntervalMs: 5 } })).toEqual(['breaker.openForMs']);
    expect(faultsOf({ leak: { warnAfterMs: 'x', reclaimAfterMs: 5 } })).toEqual(['leak.warnAfterMs']);
  });

  it.each([undefined, null, 5, 'orders', []])('is found in options that are no object at all: %j', (options) => {
    expect(errorOf(() => parseSettings(options as never)).faults.length).toBeGreaterThan(0);
  });

  it('never shows a driver or what it holds', () => {
    const leaky = { ...driver, open: undefined, password: 'hunter2' };
    expect(errorOf(() => parse({ driver: leaky, connection: 'hunter2' })).message).not.toContain('hunter2');
  });
});

describe('whatever is given', () => {
  const anything = fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      Number.NaN,
      Infinity,
      -Infinity,
      0,
      -1,
      0.5,
      1,
      2,
      3,
      10,
      1_000,
      '',
      'x',
      true,
      {},
    ),
    fc.integer({ min: -10, max: 200_000 }),
    fc.double(),
  );
  const keys: Record<string, readonly string[]> = {
    size: ['min', 'max', 'absoluteMax'],
    acquire: ['timeoutMs', 'queueLimit'],
    connect: ['timeoutMs', 'concurrency', 'maxRetries', 'initialDelayMs', 'maxDelayMs', 'jitter'],
    breaker: ['threshold', 'openForMs', 'successes', 'probeIntervalMs'],
    leak: ['warnAfterMs', 'reclaimAfterMs'],
  };
  const options = fc.record(
    Object.fromEntries(
      Object.entries(keys).map(([group, names]) => [
        group,
        fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] }),
      ]),
    ),
    { requiredKeys: [] },
  );

  it('it is refused with faults, or every value given is in force and the bounds agree', () => {
    fc.assert(
      fc.property(options, (given) => {
        let settings: ReturnType<typeof parse>;
        try {
          settings = parse(given);
        } catch (error) {
          expect((error as InvalidOptionsError).faults.length).toBeGreaterThan(0);
          return;
        }
        const { size, connect, breaker, leak } = settings;
        expect(size.min).toBeLessThanOrEqual(size.max);
        expect(size.max).toBeLessThanOrEqual(size.absoluteMax);
        expect(connect.initialDelayMs).toBeLessThanOrEqual(connect.maxDelayMs);
        if (breaker !== false) expect(breaker.probeIntervalMs).toBeLessThanOrEqual(breaker.openForMs);
        expect(leak.warnAfterMs === Infinity || leak.warnAfterMs <= leak.reclaimAfterMs).toBe(true);
        for (const [group, values] of Object.entries(given)) {
          for (const [key, value] of Object.entries(values ?? {})) {
            const inForce = (settings as unknown as Record<string, Record<string, unknown>>)[group]?.[key];
            if (value !== undefined) expect(inForce).toBe(value);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
