/**
 * Owns the circuit breaker: who gets a permit, what an outcome changes, and who is told.
 * Must never know when a rule trips, nor set a timer: time passes only when somebody asks.
 */
import { type ExecuteOptions, rejectWith, type Work } from '../call.ts';
import type { BreakerOpenError } from '../errors.ts';
import { drive, type Step } from '../frame.ts';
import type { Registry } from '../metrics/registry.ts';
import type { Verdict } from '../outcome.ts';
import { policySteps } from '../policy.ts';
import { Announcer } from './announcer.ts';
import type { BreakerEvents, CircuitBreaker, IsolationHandle } from './contract.ts';
import { ExpressLane } from './express-lane.ts';
import { FreshRefusal } from './fresh-refusal.ts';
import { judgeOpening } from './judge.ts';
import { BreakerMeter } from './meter.ts';
import { type BreakerSettings, breakerSettings, type CircuitBreakerOptions } from './options.ts';
import { leasesInForce, openRefusal, reasonOf, refusalOf, waitOf } from './refusal.ts';
import {
  type BreakerMove,
  type BreakerState,
  closed,
  type HalfOpenState,
  nextOpening,
  type OpenState,
  type Permit,
  type ProbeLease,
  transition,
} from './state.ts';
import { BreakerStep } from './step.ts';
import type { TripNeeds, TripRecord } from './trip-rule.ts';

/** What a dry run gives out in place of a refusal: no permit, so its outcome counts nowhere. */
const UNCOUNTED = 0 as Permit;

/** Shared, so that a breaker which is never needed costs little. */
const NEVER_OPENED: BreakerState = Object.freeze(closed());

/**
 * A circuit breaker. Sources: Nygard, "Release It!"; permits stamped with a generation after sony/gobreaker.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function circuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  return new Breaker(breakerSettings(options), options.registry);
}

class Breaker implements CircuitBreaker {
  readonly #settings: BreakerSettings;
  readonly #needs: TripNeeds;
  readonly #meter: BreakerMeter | undefined;
  #announcer: Announcer | undefined = undefined;
  #steps: readonly Step[] | undefined = undefined;
  /** Made in each closed period by the first call that can take it. */
  #expressLane: ExpressLane | undefined = undefined;
  /** Of this open time. */
  #lastRefusal: FreshRefusal | undefined = undefined;
  #state: BreakerState = NEVER_OPENED;
  #record: TripRecord;
  /** The last permit given out: every closed period has one of its own, and every probe. */
  #serial = 1;
  /** What every caller gets while closed; undefined in any other state. */
  #pass: Permit | undefined = 1 as Permit;

  constructor(settings: BreakerSettings, registry: Registry | undefined) {
    this.#settings = settings;
    this.#needs = settings.trip.needs;
    this.#record = settings.trip.begin();
    this.#meter = registry && new BreakerMeter(registry, settings.name, () => this.#state.name);
  }

  get name(): string {
    return this.#settings.name;
  }

  get state(): BreakerState {
    return this.#state;
  }

  get [policySteps](): readonly Step[] {
    this.#steps ??= [new BreakerStep(this, this.#settings)];
    return this.#steps;
  }

  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    const isPlain = options === undefined && typeof work === 'function';
    const lane = isPlain ? (this.#expressLane ?? this.#openLane()) : undefined;
    if (lane !== undefined) return lane.run(work) as Promise<Result>;
    const refusal = options?.signal?.aborted ? undefined : this.#refusalWhileOpen();
    return refusal === undefined ? drive(this[policySteps], work, options) : rejectWith(refusal);
  }

  tryAcquire(): Permit | undefined {
    return this.#pass ?? this.#tryProbe() ?? this.#refuse();
  }

  settle(permit: Permit, verdict: Verdict, durationMs?: number, cause?: unknown): 'counted' | 'stale' {
    if (permit !== this.#pass || permit === undefined) return this.#settleProbe(permit, verdict, cause);
    this.#meter?.ended(verdict);
    const reason = this.#remember(verdict, durationMs);
    if (reason !== undefined) this.#open(verdict === 'failure' ? cause : undefined, reason);
    return 'counted';
  }

  refusal(): BreakerOpenError {
    return refusalOf(this.name, this.#state, this.#lastRefusal ?? this.#settings.clock);
  }

  trip(cause: unknown): void {
    this.#open(cause, 'it was tripped by hand');
  }

  probeNow(): void {
    if (this.#state.name === 'open') this.#move({ kind: 'probe', since: this.#settings.clock.now(), leases: [] });
  }

  isolate(reason: string): IsolationHandle {
    const isolation = { reason };
    this.#move({ kind: 'isolate', isolation });
    return { release: () => this.#move({ kind: 'release', isolation }) };
  }

  reset(): void {
    this.#move({ kind: 'close' });
  }

  retryAfterMs(): number | undefined {
    return this.#settings.dryRun ? undefined : waitOf(this.#state, this.#settings);
  }

  on<Name extends keyof BreakerEvents>(name: Name, listener: (event: BreakerEvents[Name]) => void): () => void {
    this.#announcer ??= new Announcer(this.#settings.listenerFailed);
    return this.#announcer.on(name, listener);
  }

  #openLane(): ExpressLane | undefined {
    const permit = this.#pass;
    if (permit === undefined || this.#needs === 'durations') return undefined;
    this.#expressLane = new ExpressLane(this, this.#settings, permit);
    return this.#expressLane;
  }

  #tryProbe(): Permit | undefined {
    const state = this.#state;
    switch (state.name) {
      case 'open':
        return this.#lastRefusal?.stands() ? undefined : this.#tryFirstProbe(state);
      case 'half-open':
        return this.#tryFurtherProbe(state);
      default:
        return this.#pass;
    }
  }

  #tryFirstProbe({ until }: OpenState): Permit | undefined {
    const { clock } = this.#settings;
    const now = clock.now();
    if (now >= until) return this.#lend('probe', [], now);
    this.#lastRefusal ??= new FreshRefusal(clock);
    this.#lastRefusal.madeAt(now);
    return undefined;
  }

  #tryFurtherProbe({ leases }: HalfOpenState): Permit | undefined {
    const { clock, probes } = this.#settings;
    const now = clock.now();
    const others = leasesInForce(leases, probes, now);
    return others.length < probes ? this.#lend('lend', others, now) : undefined;
  }

  #lend(kind: 'probe' | 'lend', others: readonly ProbeLease[], now: number): Permit {
    this.#serial++;
    const permit = this.#serial as Permit;
    const lease = { permit, expiresAt: now + this.#settings.leaseMs };
    this.#move({ kind, since: now, leases: [...others, lease] });
    return permit;
  }

  /** An open breaker that is asked alone needs no frame to say no, and looks at the clock once. */
  #refusalWhileOpen(): BreakerOpenError | undefined {
    const { clock, dryRun, name } = this.#settings;
    const state = this.#state;
    if (state.name !== 'open' || dryRun) return undefined;
    const now = clock.now();
    if (now >= state.until) return undefined;
    this.#meter?.ended('refused');
    return openRefusal(name, state, now);
  }

  #refuse(): Permit | undefined {
    this.#meter?.ended('refused');
    if (!this.#settings.dryRun) return undefined;
    const state = this.#state;
    const reason = reasonOf(state, this.#settings.probes);
    this.#announcer?.wouldRefuse({ breaker: this.name, state, reason });
    return UNCOUNTED;
  }

  #settleProbe(permit: Permit, verdict: Verdict, cause: unknown): 'counted' | 'stale' {
    const state = this.#state;
    if (state.name !== 'half-open' || !state.leases.some((lease) => lease.permit === permit)) {
      if (permit !== UNCOUNTED) this.#meter?.ended('stale');
      return 'stale';
    }
    this.#meter?.ended(verdict);
    if (verdict === 'failure') this.#open(cause, 'a probe failed');
    else if (verdict === 'success') this.#move({ kind: 'succeed', permit, needed: this.#settings.successes });
    else this.#move({ kind: 'return', permit });
    return 'counted';
  }

  /** Answers the reason to open, if that is one. */
  #remember(verdict: Verdict, durationMs: number | undefined): string | undefined {
    const now = this.#needs === 'counts' ? Number.NaN : this.#settings.clock.now();
    if (verdict === 'success') return this.#record.succeeded(now, durationMs);
    return verdict === 'failure' ? this.#record.failed(now, durationMs) : undefined;
  }

  #open(cause: unknown, reason: string): void {
    const { clock, random } = this.#settings;
    const since = clock.now();
    const { openings, firstSince } = nextOpening(this.#state, since);
    const opening = { openings, openForMs: since - firstSince, cause, random };
    const until = since + judgeOpening(this.#settings, opening);
    this.#move({ kind: 'open', opening: { name: 'open', since, until, cause, reason, openings, firstSince } });
  }

  /** The one place where the state changes: first everything that follows from it, then the listeners. */
  #move(move: BreakerMove): void {
    const from = this.#state;
    const state = transition(from, move);
    if (state === from) return;
    this.#state = state;
    this.#expressLane = undefined;
    this.#lastRefusal = undefined;
    if (state.name === 'closed') this.#beginPeriod();
    else this.#pass = undefined;
    if (state.name === from.name) return;
    this.#meter?.moved(state.name);
    this.#announcer?.changed({ breaker: this.name, from: from.name, to: state.name, state });
  }

  #beginPeriod(): void {
    this.#serial++;
    this.#pass = this.#serial as Permit;
    this.#record = this.#settings.trip.begin();
  }
}
