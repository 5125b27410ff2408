/**
 * Owns when a dial may start: the retry schedule, the breaker with its probe schedule, and a full server's back-off.
 * It must never know who needs a connection, or dial one.
 */
import {
  type Backoff,
  type CircuitBreaker,
  type Clock,
  circuitBreaker,
  consecutiveFailures,
  exponentialBackoff,
  type Permit,
  type Random,
} from '@cryo/resilience';
import type { ErrorClass } from './driver.ts';
import type { Guests } from './guest.ts';
import type { BreakerSettings, Settings } from './options.ts';

/** A dial younger than this, in ms, is never called slow. */
export const SLOW_DIAL_MS = 1_000;
/** For this long after an outage began, probes keep their first interval; then it doubles up to `breaker.openForMs`. */
const STEADY_PROBES_MS = 30_000;
/** Nothing is probed faster than this while the cause is a misconfiguration, in ms. */
const MISCONFIGURED_PROBE_MS = 5_000;
/** Probe intervals are drawn from [1 − this, 1 + this] × the interval. */
const PROBE_JITTER = 0.1;
/**
 * Beside dials that hang, a probe comes at the early end of its interval: where one was sent just before the server answers
 * again, the next has its connection, and its caller an answer, within an interval still.
 */
export const EARLY_PROBE = 1 - PROBE_JITTER;

/** The leave to make one dial. */
export interface DialTicket {
  readonly permit: Permit | undefined;
  /** 0 for a first try, else how often the dial was tried before. */
  readonly attempt: number;
  readonly probe: boolean;
  readonly startedAtMs: number;
}

export interface DialFailure {
  readonly error: unknown;
  readonly errorClass: ErrorClass;
}

/** What a schedule is made of. */
export interface ScheduleParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly guests: Guests;
}

/** One schedule for the whole pool: waiters wait on the pool, so a dial's failure delays the next dial, whoever needs it. */
export class DialSchedule {
  readonly breaker: CircuitBreaker | undefined;
  lastFailure: DialFailure | undefined;
  overloadedUntilMs: number | undefined;
  notClosedSinceMs: number | undefined;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #guests: Guests;
  readonly #backoff: Backoff;
  /** Failed waves of dials since the last success. */
  #failures = 0;
  /** Until then a full server may still be full, though it had a place meanwhile. */
  #fullUntilMs = Number.NEGATIVE_INFINITY;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #scheduledAtMs = Number.NEGATIVE_INFINITY;
  #previousDelayMs: number | undefined;

  constructor({ settings, clock, random, guests }: ScheduleParts) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#guests = guests;
    const { initialDelayMs, maxDelayMs, jitter } = settings.connect;
    this.#backoff = exponentialBackoff({ initialMs: initialDelayMs, maxMs: maxDelayMs, jitter });
    this.breaker = settings.breaker === false ? undefined : this.#createBreaker(settings.breaker);
  }

  /** The breaker is not closed: the server is taken to be down. */
  get down(): boolean {
    return this.breaker !== undefined && this.breaker.state.name !== 'closed';
  }

  /** The server said lately that it has no place for one more. */
  serverFull(now: number): boolean {
    if (this.overloadedUntilMs === undefined) return false;
    const { breaker, connect } = this.#settings;
    return now < this.overloadedUntilMs + (breaker === false ? connect.initialDelayMs : breaker.probeIntervalMs);
  }

  /**
   * One dial at a time: the last one brought nothing, or the server said lately that it is full. Several at once would all be
   * refused where the places end.
   */
  isSerial(now: number): boolean {
    return this.#failures > 0 || now < this.#fullUntilMs;
  }

  /** From when a dial may start, in ms; `Infinity` while the answer to a probe is outstanding. */
  readyAtMs(now: number): number {
    const overloadedUntilMs = this.overloadedUntilMs ?? Number.NEGATIVE_INFINITY;
    if (!this.down) return Math.max(this.#retryAtMs, overloadedUntilMs);
    const retryAfterMs = this.breaker?.retryAfterMs();
    return Math.max(now + (retryAfterMs ?? 0), overloadedUntilMs);
  }

  /** Takes leave for one dial; `undefined` when the breaker gives none. */
  begin(now: number): DialTicket | undefined {
    const probe = this.down;
    const permit = this.breaker?.tryAcquire();
    if (this.breaker !== undefined && permit === undefined) return undefined;
    return { permit, attempt: this.#failures, probe, startedAtMs: now };
  }

  succeeded(ticket: DialTicket): void {
    this.#failures = 0;
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
    this.#scheduledAtMs = Number.NEGATIVE_INFINITY;
    this.#previousDelayMs = undefined;
    this.overloadedUntilMs = undefined;
    this.lastFailure = undefined;
    if (ticket.permit === undefined) return;
    const counted = this.breaker?.settle(ticket.permit, 'success');
    // A dial that outlived its probe lease still proves that the server answers, now.
    if (counted === 'stale' && this.down) this.breaker?.reset();
  }

  /** A probe is due and the pool is full of connections, so none will come: what is there is proof enough. */
  full(): void {
    if (this.down) this.breaker?.reset();
  }

  /** Answers in how many ms the next dial may start. */
  failed(ticket: DialTicket, failure: DialFailure, now: number): number {
    this.lastFailure = failure;
    if (failure.errorClass === 'overloaded') return this.#waitForPlace(ticket, now);
    this.#delayNextDial(ticket, failure.errorClass, now);
    if (failure.errorClass === 'misconfigured') this.breaker?.trip(failure.error);
    else if (ticket.permit !== undefined) this.breaker?.settle(ticket.permit, 'failure', undefined, failure.error);
    return Math.max(0, this.readyAtMs(now) - now);
  }

  /** The dial was cut by the pool itself: nothing is learned. */
  cut(ticket: DialTicket): void {
    if (ticket.permit !== undefined) this.breaker?.settle(ticket.permit, 'neutral');
  }

  /** A connection in use found the server gone: that counts as a failed dial does. */
  serverLost(error: unknown): void {
    this.lastFailure = { error, errorClass: 'server-unavailable' };
    if (this.breaker === undefined || this.down) return;
    const permit = this.breaker.tryAcquire();
    if (permit !== undefined) this.breaker.settle(permit, 'failure', undefined, error);
  }

  /** Something changed outside that may have mended the cause: the next dial may start now. */
  retryNow(): void {
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
    this.#scheduledAtMs = Number.NEGATIVE_INFINITY;
    this.overloadedUntilMs = undefined;
    this.#fullUntilMs = Number.NEGATIVE_INFINITY;
    this.breaker?.probeNow();
  }

  #delayNextDial(ticket: DialTicket, errorClass: ErrorClass, now: number): void {
    // Dials that were under way together fail together, and count as one step of the schedule.
    if (ticket.startedAtMs < this.#scheduledAtMs) return;
    const delayMs = this.#nextDelayMs();
    this.#failures++;
    this.#previousDelayMs = delayMs;
    this.#scheduledAtMs = now;
    this.#retryAtMs = now + (errorClass === 'misconfigured' ? Math.max(MISCONFIGURED_PROBE_MS, delayMs) : delayMs);
  }

  #budgetSpent(): boolean {
    const { budget } = this.#settings.connect;
    return budget !== undefined && !this.#guests.ask('connect.budget.tryTake', () => budget.tryTake(), false);
  }

  #nextDelayMs(): number {
    const { maxRetries, maxDelayMs } = this.#settings.connect;
    const spent = this.#failures >= maxRetries || this.#budgetSpent();
    return spent ? maxDelayMs : this.#backoff.delayMs(this.#failures, this.#previousDelayMs, this.#random);
  }

  /** A full server is asked once per probe interval: a place may free at any moment. */
  #waitForPlace(ticket: DialTicket, now: number): number {
    this.cut(ticket);
    const breaker = this.#settings.breaker;
    const floorMs = breaker === false ? this.#settings.connect.initialDelayMs : breaker.probeIntervalMs;
    const delayMs = floorMs * (1 + PROBE_JITTER * this.#random());
    this.overloadedUntilMs = now + delayMs;
    this.#fullUntilMs = this.overloadedUntilMs + floorMs;
    return delayMs;
  }

  #createBreaker(settings: BreakerSettings): CircuitBreaker {
    const breaker = circuitBreaker({
      name: `${this.#settings.name} dials`,
      trip: consecutiveFailures(settings.threshold),
      openForMs: ({ openForMs, openings }) => this.#probeIntervalMs(settings, openForMs, openings),
      halfOpen: { probes: 1, successes: settings.successes, leaseMs: Math.max(SLOW_DIAL_MS, settings.probeIntervalMs) },
      clock: this.#clock,
      random: this.#random,
    });
    breaker.on('state-changed', (change) => {
      if (change.to === 'closed') this.notClosedSinceMs = undefined;
      else this.notClosedSinceMs ??= this.#clock.now();
    });
    return breaker;
  }

  #probeIntervalMs(settings: BreakerSettings, outageMs: number, openings: number): number {
    const steadyProbes = Math.ceil(STEADY_PROBES_MS / settings.probeIntervalMs);
    const doublings = outageMs < STEADY_PROBES_MS ? 0 : Math.min(30, Math.max(1, openings - steadyProbes));
    const intervalMs = Math.min(settings.openForMs, settings.probeIntervalMs * 2 ** doublings);
    const jitteredMs = intervalMs * (1 + PROBE_JITTER * (2 * this.#random() - 1));
    return this.lastFailure?.errorClass === 'misconfigured' ? Math.max(MISCONFIGURED_PROBE_MS, jitteredMs) : jitteredMs;
  }
}
