/**
 * Owns the translation of pg.Pool's options into settings of the core, and of the core's refusals into pg.Pool's errors.
 * It must never know a connection, nor when it is asked for.
 */
import {
  AcquireTimeoutError,
  DriverTimeoutError,
  fixed,
  MisconfiguredError,
  PoolClosedError,
  type PoolOptions,
  ServerUnavailableError,
  SetupFailedError,
  SilentServerError,
} from '@cryo/pool-core';
import { type NumberRange, OptionCheck } from '@cryo/resilience';
import type pg from 'pg';
import { ConfigurationRefusedError, HungUpError } from './pg-errors.ts';
import type { PgConnection } from './pg-types.ts';

type Groups = Omit<PoolOptions<PgConnection>, 'name' | 'driver'>;

/** What no limit of connections comes to. */
const LIMITLESS = 100_000;

/** pg.Pool's own default, in ms. */
const IDLE_TIMEOUT_MS = 10_000;

/** What each number of pg.Pool's options may be; it may be written as a text. */
const NUMBERS: Readonly<Record<string, NumberRange>> = {
  max: { min: 1, integer: true, infinity: true, unit: 'connections' },
  min: { min: 0, integer: true, infinity: true, unit: 'connections' },
  connectionTimeoutMillis: { min: 0, infinity: true, unit: 'ms' },
  idleTimeoutMillis: { min: 0, infinity: true, unit: 'ms' },
  maxUses: { min: 0, integer: true, infinity: true, unit: 'uses' },
  maxLifetimeSeconds: { min: 0, infinity: true, unit: 's' },
};

/**
 * pg.Pool's options, in which 0 means no limit.
 *
 * @throws InvalidOptionsError for numbers that can't be meant, each by the name that pg gives it
 */
export function settingsOf(options: pg.PoolOptions): Groups {
  checkNumbers(options);
  const max = Math.min(Number(options.max), LIMITLESS);
  const { idleTimeoutMillis, maxUses, maxLifetimeSeconds, connectionTimeoutMillis } = options;
  const idleTimeoutMs = idleTimeoutMillis === undefined ? IDLE_TIMEOUT_MS : limit(idleTimeoutMillis);
  const timeoutMs = limit(connectionTimeoutMillis);
  return {
    size: { min: Math.min(Number(options.min ?? 0), max), max, absoluteMax: max, sizer: fixed() },
    acquire: { timeoutMs, queueLimit: Number.POSITIVE_INFINITY },
    ...(timeoutMs === Number.POSITIVE_INFINITY ? {} : { connect: { timeoutMs } }),
    retirement: { idleTimeoutMs, maxUses: limit(maxUses), maxLifetimeMs: lifetimeOf(maxLifetimeSeconds) },
  };
}

function checkNumbers(options: object): void {
  const check = new OptionCheck('pg.Pool');
  for (const [name, range] of Object.entries(NUMBERS)) {
    const value = OptionCheck.read(options, name);
    if (value === undefined || value === null) continue;
    const asNumber = new OptionCheck(name);
    if (asNumber.number(name, Number(value), range)) continue;
    for (const { expected } of asNumber.faults) check.fault(name, value, expected);
  }
  check.throwIfFaulty();
}

/** In ms; `Infinity` for none. */
export function lifetimeOf(seconds: number | undefined): number {
  return 1_000 * limit(seconds);
}

function limit(value: number | string | null | undefined): number {
  return Number(value ?? 0) === 0 ? Number.POSITIVE_INFINITY : Number(value);
}

/** What pg.Pool would have told: the driver's own error, or one of its own in its own words. `cause` keeps ours. */
export function asPgPoolTells(error: unknown): unknown {
  if (error instanceof AcquireTimeoutError) {
    return new Error('timeout exceeded when trying to connect', { cause: error });
  }
  if (error instanceof PoolClosedError) {
    return new Error('Cannot use a pool after calling end on the pool', { cause: error });
  }
  const isRefusal = error instanceof ServerUnavailableError || error instanceof MisconfiguredError;
  if (!isRefusal || error.cause === undefined) return error;
  const { cause } = error;
  if (cause instanceof DriverTimeoutError || cause instanceof SilentServerError) {
    return new Error('Connection terminated due to connection timeout', { cause: error });
  }
  const isOurs = [SetupFailedError, ConfigurationRefusedError, HungUpError].some((ours) => cause instanceof ours);
  return isOurs ? (cause as Error).cause : cause;
}

/** The texts that an inspection of the options may not show; they stay readable. The caller's own object is left as it is. */
export function hideSecrets(options: { ssl?: unknown }): void {
  hide(options, ['password', 'connectionString']);
  const { ssl } = options;
  if (typeof ssl !== 'object' || ssl === null) return;
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(ssl));
  hide(copy, ['key', 'pfx', 'passphrase']);
  options.ssl = copy;
}

function hide(object: object, names: readonly string[]): void {
  for (const name of names) {
    const property = Object.getOwnPropertyDescriptor(object, name);
    if (property?.configurable === true) Object.defineProperty(object, name, { ...property, enumerable: false });
  }
}
