/**
 * Owns the judging of a pool's options: it fills in the defaults and lists all faults in one error.
 * It must never know what a setting does, nor repair a bad one.
 */
import { OptionCheck, type RetryBudget } from '@cryo/resilience';
import { MAX_CONNECTIONS, MIN_CONNECTIONS } from './call-options.ts';
import { checkFlows } from './flows.ts';
import { checkMethods, type Group, numbersOf, readGroup, readNumbers } from './option-group.ts';
import type {
  AcquireSettings,
  BreakerSettings,
  ConnectSettings,
  LeakSettings,
  PoolOptions,
  Settings,
  SheddingSettings,
  SizeSettings,
} from './options.ts';
import { elastic } from './sizer/elastic.ts';
import { fixed } from './sizer/fixed.ts';
import type { SizeBaseline } from './sizer/sizer.ts';

export type { Settings } from './options.ts';

const LIMIT = { above: 0, infinity: true, unit: 'ms' };
const SPAN = { above: 0, unit: 'ms' };
const COUNT = { min: 1, integer: true };
const SHARE = { min: 0, max: 1, unit: 'of the delay' };

const SIZE = {
  min: { ...MIN_CONNECTIONS, initial: 3 },
  max: { ...MAX_CONNECTIONS, initial: 20 },
  absoluteMax: { ...MAX_CONNECTIONS, initial: 50 },
};
const ACQUIRE = {
  timeoutMs: { ...LIMIT, initial: 20_000 },
  queueLimit: { ...COUNT, infinity: true, unit: 'requests', initial: 10_000 },
};
const SHEDDING = {
  targetMs: { ...SPAN, initial: 100 },
  intervalMs: { ...SPAN, initial: 1_000 },
  limitMs: { ...SPAN, initial: 200 },
};
const CONNECT = {
  timeoutMs: { ...LIMIT, initial: 10_000 },
  concurrency: { ...MAX_CONNECTIONS, unit: 'dials', initial: 4 },
  maxRetries: { min: 0, integer: true, infinity: true, unit: 'retries', initial: 5 },
  initialDelayMs: { ...SPAN, initial: 200 },
  maxDelayMs: { ...SPAN, initial: 10_000 },
};
const BREAKER = {
  threshold: { ...COUNT, unit: 'failures', initial: 5 },
  openForMs: { ...SPAN, initial: 30_000 },
  successes: { ...COUNT, unit: 'probes', initial: 2 },
  probeIntervalMs: { ...SPAN, initial: 1_000 },
};
const VALIDATION = {
  timeoutMs: { ...LIMIT, initial: 5_000 },
  bypassMs: { min: 0, infinity: true, unit: 'ms', initial: 500 },
  intervalMs: { ...LIMIT, initial: 30_000 },
};
const TIME_LIMIT = { timeoutMs: { ...LIMIT, initial: 5_000 } };
const RETIREMENT = {
  maxLifetimeMs: { ...LIMIT, initial: 1_800_000 },
  idleTimeoutMs: { ...LIMIT, initial: 180_000 },
  maxUses: { ...COUNT, infinity: true, unit: 'leases', initial: Number.POSITIVE_INFINITY },
  jitter: { ...SHARE, unit: 'of the lifetime', initial: 0.1 },
};
const LEAK = {
  warnAfterMs: { ...LIMIT, initial: 60_000 },
  reclaimAfterMs: { ...LIMIT, initial: Number.POSITIVE_INFINITY },
};
const METRICS = {
  reportIntervalMs: { ...LIMIT, initial: 300_000 },
  maxLabels: { min: 0, max: 10_000, integer: true, unit: 'labels', initial: 0 },
};

const JITTERS = ['none', 'full', 'equal', 'decorrelated'];
const STACKS = ['after-first', 'always', 'off'];

/** Every option of a pool but its name and driver, for adapters too that hand them on: the compiler misses one that is not here. */
export const POOL_GROUPS: readonly string[] = Object.keys({
  ...{ size: true, acquire: true, shedding: true, connect: true, breaker: true, validation: true, reset: true },
  ...{ closing: true, retirement: true, leak: true, metrics: true, logger: true, clock: true, timers: true },
  ...{ random: true, capacity: true },
} satisfies Readonly<Record<keyof Omit<PoolOptions<never>, 'name' | 'driver'>, true>>);
const OPTIONS = ['name', 'driver', ...POOL_GROUPS];

/**
 * Settings from options.
 *
 * @throws InvalidOptionsError listing every fault with path, value, range and unit
 */
export function parseSettings<Connection>(options: PoolOptions<Connection>): Settings {
  const name = OptionCheck.read(options, 'name');
  const check = new OptionCheck(typeof name === 'string' ? `createPool '${name}'` : 'createPool');
  // What is not there at all is a fault here, and no group that was left out.
  const given = check.type('options', options, 'object') ? readGroup(check, '', options, OPTIONS) : {};
  checkParts(check, given);
  const size = readSize(check, given.size);
  const acquire = readNumbers(check, 'acquire', given.acquire, ACQUIRE);
  const settings: Settings = {
    name: name as string,
    size,
    acquire,
    shedding: readShedding(check, given.shedding, acquire),
    connect: readConnect(check, given.connect),
    breaker: readBreaker(check, given.breaker),
    validation: readNumbers(check, 'validation', given.validation, VALIDATION),
    reset: readNumbers(check, 'reset', given.reset, TIME_LIMIT),
    closing: readNumbers(check, 'closing', given.closing, TIME_LIMIT),
    retirement: readNumbers(check, 'retirement', given.retirement, RETIREMENT),
    leak: readLeak(check, given.leak),
    metrics: readNumbers(check, 'metrics', given.metrics, METRICS),
  };
  check.throwIfFaulty();
  for (const group of Object.values(settings)) Object.freeze(group);
  return Object.freeze(settings);
}

/** What is not a number: the name, the driver, and whatever the pool is lent. */
function checkParts(check: OptionCheck, given: Group): void {
  if (check.type('name', given.name, 'string') && (given.name as string).trim() === '') {
    check.fault('name', given.name, 'a string that is not empty');
  }
  checkDriver(check, given.driver);
  checkMethods(check, 'logger', given.logger, ['info', 'warn']);
  checkMethods(check, 'clock', given.clock, ['now', 'wallNow']);
  checkMethods(check, 'timers', given.timers, ['set', 'afterInput']);
  checkMethods(check, 'capacity', given.capacity, ['tryTake', 'give']);
  const join = OptionCheck.read(given.capacity, 'join');
  if (join !== undefined) check.type('capacity.join', join, 'function');
  if (given.random !== undefined) check.type('random', given.random, 'function');
}

function checkDriver(check: OptionCheck, driver: unknown): void {
  if (!check.type('driver', driver, 'object')) return;
  check.type('driver.name', OptionCheck.read(driver, 'name'), 'string');
  checkMethods(check, 'driver', driver, ['open', 'check', 'close', 'destroy']);
  for (const key of ['reset', 'watch', 'classify', 'ref', 'unref', 'secrets']) {
    const part = OptionCheck.read(driver, key);
    if (part !== undefined) check.type(`driver.${key}`, part, 'function');
  }
  const ref = OptionCheck.read(driver, 'ref');
  if ((ref === undefined) !== (OptionCheck.read(driver, 'unref') === undefined)) {
    check.fault('driver.ref', ref, 'to be there exactly when driver.unref is');
  }
}

function readSize(check: OptionCheck, given: unknown): SizeSettings {
  const group = readGroup(check, 'size', given, [...Object.keys(SIZE), 'expect', 'sizer']);
  const { min, max, absoluteMax, expect, sizer } = group;
  const size = numbersOf(check, 'size', group, SIZE);
  if (max === undefined) size.max = Math.max(Math.min(size.max, size.absoluteMax), min === undefined ? 0 : size.min);
  if (absoluteMax === undefined) size.absoluteMax = max === undefined ? Math.max(size.absoluteMax, size.max) : size.max;
  if (min === undefined) size.min = Math.min(size.min, size.max);
  checkBounds(check, size);
  const flows = checkFlows(check, 'size.expect', expect, { bound: 'size.max', connections: size.absoluteMax });
  if (sizer !== undefined && check.type('size.sizer', sizer, 'object')) {
    check.type('size.sizer.name', OptionCheck.read(sizer, 'name'), 'string');
    check.type('size.sizer.start', OptionCheck.read(sizer, 'start'), 'function');
  }
  const expected = flows === undefined ? {} : { expect: flows };
  if (sizer !== undefined) return { ...size, ...expected, sizer: sizer as SizeSettings['sizer'] };
  return { ...size, ...expected, sizer: size.absoluteMax > size.max ? elastic() : fixed() };
}

function checkBounds(check: OptionCheck, { min, max, absoluteMax }: SizeBaseline): void {
  if (min > max) check.fault('size.min', min, `at most size.max, which is ${max} connections`);
  if (max > absoluteMax) {
    check.fault('size.max', max, `at most size.absoluteMax, which is ${absoluteMax} connections`);
  }
}

function readShedding(check: OptionCheck, given: unknown, { timeoutMs }: AcquireSettings): false | SheddingSettings {
  if (given === undefined || given === false) return false;
  const group = readGroup(check, 'shedding', given, Object.keys(SHEDDING));
  const { targetMs, intervalMs, limitMs } = group;
  const shedding = numbersOf(check, 'shedding', group, SHEDDING);
  const mostMs = limitMs === undefined ? timeoutMs / 4 : Math.min(shedding.limitMs, timeoutMs) / 2;
  if (targetMs === undefined) shedding.targetMs = Math.min(shedding.targetMs, mostMs);
  if (intervalMs === undefined) shedding.intervalMs = 10 * shedding.targetMs;
  if (limitMs === undefined) shedding.limitMs = Math.min(2 * shedding.targetMs, timeoutMs);
  if (shedding.targetMs >= timeoutMs) {
    check.fault('shedding.targetMs', shedding.targetMs, `below acquire.timeoutMs, which is ${timeoutMs} ms`);
  } else if (shedding.limitMs <= shedding.targetMs) {
    check.fault('shedding.limitMs', shedding.limitMs, `above shedding.targetMs, which is ${shedding.targetMs} ms`);
  }
  if (shedding.limitMs > timeoutMs) {
    check.fault('shedding.limitMs', shedding.limitMs, `at most acquire.timeoutMs, which is ${timeoutMs} ms`);
  }
  return shedding;
}

function readConnect(check: OptionCheck, given: unknown): ConnectSettings {
  const group = readGroup(check, 'connect', given, [...Object.keys(CONNECT), 'jitter', 'budget']);
  const { initialDelayMs, maxDelayMs, jitter = 0.1, budget } = group;
  const connect = numbersOf(check, 'connect', group, CONNECT);
  if (maxDelayMs === undefined) connect.maxDelayMs = Math.max(connect.maxDelayMs, connect.initialDelayMs);
  if (initialDelayMs === undefined) connect.initialDelayMs = Math.min(connect.initialDelayMs, connect.maxDelayMs);
  if (connect.initialDelayMs > connect.maxDelayMs) {
    const expected = `at most connect.maxDelayMs, which is ${connect.maxDelayMs} ms`;
    check.fault('connect.initialDelayMs', connect.initialDelayMs, expected);
  }
  if (typeof jitter === 'string') check.oneOf('connect.jitter', jitter, JITTERS);
  else check.number('connect.jitter', jitter, SHARE);
  checkMethods(check, 'connect.budget', budget, ['tryTake']);
  const settings = { ...connect, jitter: jitter as ConnectSettings['jitter'] };
  return budget === undefined ? settings : { ...settings, budget: budget as RetryBudget };
}

function readBreaker(check: OptionCheck, given: unknown): false | BreakerSettings {
  if (given === false) return false;
  const group = readGroup(check, 'breaker', given, Object.keys(BREAKER));
  const { openForMs, probeIntervalMs } = group;
  const breaker = numbersOf(check, 'breaker', group, BREAKER);
  if (probeIntervalMs === undefined) breaker.probeIntervalMs = Math.min(breaker.probeIntervalMs, breaker.openForMs);
  if (openForMs === undefined) breaker.openForMs = Math.max(breaker.openForMs, breaker.probeIntervalMs);
  if (breaker.probeIntervalMs > breaker.openForMs) {
    const expected = `at most breaker.openForMs, which is ${breaker.openForMs} ms`;
    check.fault('breaker.probeIntervalMs', breaker.probeIntervalMs, expected);
  }
  return breaker;
}

function readLeak(check: OptionCheck, given: unknown): LeakSettings {
  const group = readGroup(check, 'leak', given, [...Object.keys(LEAK), 'stacks', 'detectDropped']);
  const { warnAfterMs, stacks = 'after-first', detectDropped = false } = group;
  const leak = numbersOf(check, 'leak', group, LEAK);
  if (warnAfterMs === undefined) leak.warnAfterMs = Math.min(leak.warnAfterMs, leak.reclaimAfterMs);
  if (leak.warnAfterMs !== Number.POSITIVE_INFINITY && leak.reclaimAfterMs < leak.warnAfterMs) {
    const expected = `at least leak.warnAfterMs, which is ${leak.warnAfterMs} ms, or Infinity`;
    check.fault('leak.reclaimAfterMs', leak.reclaimAfterMs, expected);
  }
  check.oneOf('leak.stacks', stacks, STACKS);
  check.type('leak.detectDropped', detectDropped, 'boolean');
  return { ...leak, stacks: stacks as LeakSettings['stacks'], detectDropped: detectDropped as boolean };
}
