/**
 * Owns what a pool can be told, option by option, with its unit and default.
 * It must never know which values are sound, nor what any of them does.
 */
import type { Clock, Random, RetryBudget, Timers } from '@cryo/resilience';
import type { Capacity } from './capacity.ts';
import type { Driver } from './driver.ts';
import type { Flows } from './flows.ts';
import type { SizerFactory } from './sizer/sizer.ts';

/** How many connections there may be. */
export interface SizeSettings {
  /** Kept open also when nobody asks. Default 3, or `max` where that is given and less. */
  readonly min: number;
  /** Most connections. Default 20, or what a given `min` needs, or a given `absoluteMax` allows. */
  readonly max: number;
  /** The most that a sizer may raise `max` to. Default 50 when `max` is not given, else `max`. */
  readonly absoluteMax: number;
  /**
   * How the pool is used: one that is too small for it, so that work holding several leases at once could lock itself up, is a
   * fault of these options, and of a `resize()`. Default: none.
   */
  readonly expect?: Flows;
  /** Who decides the bounds. Default `elastic()` where `absoluteMax` leaves room above `max`, else `fixed()`. */
  readonly sizer: SizerFactory;
}

/** Waiting for a connection. */
export interface AcquireSettings {
  /** Longest wait, in ms; `Infinity` for none. Default 20,000. */
  readonly timeoutMs: number;
  /** Most requests waiting at once; `Infinity` for no limit. Default 10,000. */
  readonly queueLimit: number;
}

/**
 * What the pool does when requests come faster than connections come free, for longer than a burst lasts: it serves the
 * newest of a priority class first and refuses those early that have waited for too long. See the guide in the README.
 */
export interface SheddingSettings {
  /**
   * A wait that is good enough, in ms: below it nobody sheds. Default 100, or a quarter of `acquire.timeoutMs` where that is
   * less.
   */
  readonly targetMs: number;
  /**
   * For how long the oldest request must have waited for longer than that, without a break, before the class sheds, in ms: longer
   * than a burst that is to be served in full. Default ten times `targetMs`.
   */
  readonly intervalMs: number;
  /**
   * The longest wait of a class that sheds, in ms. Default twice `targetMs`, or `acquire.timeoutMs` where that is less.
   */
  readonly limitMs: number;
}

/** How a delay is spread: a share of it to either side, or one of the named ways of `exponentialBackoff`. */
export type DialJitter = number | 'none' | 'full' | 'equal' | 'decorrelated';

/** Opening connections. */
export interface ConnectSettings {
  /** Time limit of one dial, in ms; `Infinity` for none. Default 10,000. */
  readonly timeoutMs: number;
  /** Most dials at once. Default 4. */
  readonly concurrency: number;
  /** Retries of a failed dial; `Infinity` leaves it to the breaker. Default 5. */
  readonly maxRetries: number;
  /** Wait before the first retry, in ms; it doubles from there. Default 200, or a given `maxDelayMs` where that is less. */
  readonly initialDelayMs: number;
  /** Longest wait before a retry, in ms. Default 10,000, or a given `initialDelayMs` where that is more. */
  readonly maxDelayMs: number;
  /** How that wait is spread: a share of it to either side, or a way of `exponentialBackoff`. Default 0.1. */
  readonly jitter: DialJitter;
  /**
   * Where a retry takes its leave, shared with other pools or policies; without it the next dial waits `maxDelayMs`.
   * Default: none.
   */
  readonly budget?: RetryBudget;
}

/** The dial breaker: when the pool stops asking a server that does not answer, and how it finds out that it does again. */
export interface BreakerSettings {
  /** Failed dial attempts in a row that open it. Default 5. */
  readonly threshold: number;
  /** Longest time between two probes of a long outage, in ms. Default 30,000. */
  readonly openForMs: number;
  /** Successful probes in a row that close it. Default 2. */
  readonly successes: number;
  /** Time between two probes at first, in ms. Default 1,000, or a given `openForMs` where that is less. */
  readonly probeIntervalMs: number;
}

/** Finding out whether a connection still works. */
export interface ValidationSettings {
  /** Time limit of one check, in ms; `Infinity` for none. Default 5,000. */
  readonly timeoutMs: number;
  /** A connection that worked within this time is lent without a check, in ms; `Infinity` for never a check on borrow. Default 500. */
  readonly bypassMs: number;
  /** Time between two background checks of an idle connection, in ms; `Infinity` for none. Default 30,000. */
  readonly intervalMs: number;
}

/** One phase that has nothing but a time limit. */
export interface TimeLimitSettings {
  /** In ms; `Infinity` for none. Default 5,000. */
  readonly timeoutMs: number;
}

/** When a working connection ends. */
export interface RetirementSettings {
  /** A connection this old is replaced, in ms since it was opened; `Infinity` for never. Default 1,800,000. */
  readonly maxLifetimeMs: number;
  /** An idle connection ends after this time without a lease, in ms, while there are more than `size.min`; `Infinity` for never. Default 180,000. */
  readonly idleTimeoutMs: number;
  /** Leases that one connection serves; `Infinity` for any number. Default `Infinity`. */
  readonly maxUses: number;
  /** The share of `maxLifetimeMs` that is left off at random, so that connections born together do not end together. Default 0.1. */
  readonly jitter: number;
}

/** Leases that are not given back. */
export interface LeakSettings {
  /** Reports a lease held this long, in ms; `Infinity` for never. Default 60,000, or a given `reclaimAfterMs` where that is less. */
  readonly warnAfterMs: number;
  /** Takes a lease held this long away and destroys its connection, in ms; `Infinity` for never. Default `Infinity`. */
  readonly reclaimAfterMs: number;
  /** Whose stacks are captured: one acquire in 16 of a label that leaked lately, every one, or none. Default `'after-first'`. */
  readonly stacks: 'after-first' | 'always' | 'off';
  /** Reports a lease that was garbage-collected before its release. Default `false`. */
  readonly detectDropped: boolean;
}

/** Telling people about the pool. */
export interface MetricsSettings {
  /** Time between two lines to the logger, in ms; `Infinity` for none. Default 300,000. */
  readonly reportIntervalMs: number;
  /** The most labels of callers with metrics of their own; the others are counted as `other`. 0 counts none. Default 0. */
  readonly maxLabels: number;
}

/** pino's call shape. What it throws is ignored. */
export interface Logger {
  /** Tells what is worth knowing: `entry` as data, `message` for people. */
  info(entry: object, message: string): void;
  /** Tells what is worth looking at. */
  warn(entry: object, message: string): void;
}

/** What makes a pool. Only `name` and `driver` are required; a default gives way to a value that was given. */
export interface PoolOptions<Connection> {
  /** Names the pool in errors, metrics and log lines. */
  readonly name: string;
  /** What opens, checks and ends connections. */
  readonly driver: Driver<Connection>;
  /** How many connections there may be. Default 3 to 20, raised by `elastic()` up to 50. */
  readonly size?: Partial<SizeSettings>;
  /** Waiting for a connection. Default 20 s at most, 10,000 requests at once. */
  readonly acquire?: Partial<AcquireSettings>;
  /** `false`: requests of a priority class are served in order of arrival, whatever comes. Default `false`. */
  readonly shedding?: false | Partial<SheddingSettings>;
  /** Opening connections. Default four dials at once, 10 s each, five retries from 200 ms to 10 s. */
  readonly connect?: Partial<ConnectSettings>;
  /** `false`: no breaker. Callers wait for their deadline however long the server is away. */
  readonly breaker?: false | Partial<BreakerSettings>;
  /**
   * Finding out whether a connection still works. Default before each lease after 500 ms without work, and every 30 s.
   */
  readonly validation?: Partial<ValidationSettings>;
  /** Time limit of one reset. */
  readonly reset?: Partial<TimeLimitSettings>;
  /** Time limit of one polite goodbye, and of the wait for leases in `close()`. */
  readonly closing?: Partial<TimeLimitSettings>;
  /** When a working connection ends. Default after 30 minutes, or 3 minutes without a lease. */
  readonly retirement?: Partial<RetirementSettings>;
  /** Leases that are not given back. Default reported after a minute, never taken away. */
  readonly leak?: Partial<LeakSettings>;
  /** Telling people about the pool. Default a line to the `logger` every 5 minutes, nothing counted by label. */
  readonly metrics?: Partial<MetricsSettings>;
  /** Hears the report, and of leaks, outages, freezes and failing listeners when they happen. Default: none. */
  readonly logger?: Logger;
  /** What times are read from. Default `systemClock`. */
  readonly clock?: Clock;
  /** What waits. Default `systemTimers`. */
  readonly timers?: Timers;
  /** Chance for jitter. Default `systemRandom`. */
  readonly random?: Random;
  /** Bounds this pool's connections together with those of other pools. Default: unbounded. */
  readonly capacity?: Capacity;
}

/** Every setting of a pool, filled in and deeply frozen. */
export interface Settings {
  /** Names the pool in errors, metrics and log lines. */
  readonly name: string;
  /** How many connections there may be. */
  readonly size: SizeSettings;
  /** Waiting for a connection. */
  readonly acquire: AcquireSettings;
  /** What the pool does under overload; `false` for nothing. */
  readonly shedding: false | SheddingSettings;
  /** Opening connections. */
  readonly connect: ConnectSettings;
  /** When the pool stops asking a server that does not answer; `false` for never. */
  readonly breaker: false | BreakerSettings;
  /** Finding out whether a connection still works. */
  readonly validation: ValidationSettings;
  /** Time limit of one reset. */
  readonly reset: TimeLimitSettings;
  /** Time limit of one polite goodbye, and of the wait for leases in `close()`. */
  readonly closing: TimeLimitSettings;
  /** When a working connection ends. */
  readonly retirement: RetirementSettings;
  /** Leases that are not given back. */
  readonly leak: LeakSettings;
  /** Telling people about the pool. */
  readonly metrics: MetricsSettings;
}
