/**
 * Owns the circuit breaker: who gets a permit, what an outcome changes, and who is told.
 * Must never know when a rule trips, nor set a timer: time passes only when somebody asks.
 */
import { drive, type ExecuteOptions, type Step, type Work } from '../call.ts';
import type { BreakerOpenError } from '../errors.ts';
import { Emitter } from '../events.ts';
import { reportFault } from '../hooks.ts';
import type { Registry } from '../metrics/registry.ts';
import type { Verdict } from '../outcome.ts';
import { policySteps } from '../policy.ts';
import type { BreakerEvents, CircuitBreaker, IsolationHandle } from './contract.ts';
import { BreakerMeter } from './meter.ts';
import { type BreakerSettings, breakerSettings, type CircuitBreakerOptions } from './options.ts';
import { leasesInForce, refusalOf, waitOf } from './refusal.ts';
import { type BreakerMove, type BreakerState, closed, nextOpening, type Permit, transition } from './state.ts';
import { BreakerStep } from './step.ts';
import type { TripRecord } from './trip-rule.ts';

/** What a dry run gives out in place of a refusal: no permit, so its outcome counts nowhere. */
const UNCOUNTED = 0 as Permit;

/**
 * A circuit breaker. Sources: Nygard, "Release It!"; permits stamped with a generation after sony/gobreaker.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function circuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  return new Breaker(breakerSettings(options), options.registry);
}

class Breaker implements CircuitBreaker {
  readonly [policySteps]: readonly Step[];
  readonly #settings: BreakerSettings;
  readonly #emitter: Emitter<BreakerEvents>;
  readonly #meter: BreakerMeter | undefined;
  #changesToTell: BreakerEvents['state-changed'][] | undefined = undefined;
  #state: BreakerState = closed();
  #record: TripRecord;
  /** The last permit given out: every closed period has one of its own, and every probe. */
  #serial = 1;
  /** What every caller gets while closed; undefined in any other state. */
  #pass: Permit | undefined = 1 as Permit;

  constructor(settings: BreakerSettings, registry: Registry | undefined) {
    const { name, trip, listenerFailed } = settings;
    this.#settings = settings;
    this.#record = trip.begin();
    this.#emitter = new Emitter({ listenerFailed });
    this.#meter = registry && new BreakerMeter(registry, name, () => this.#state.name);
    this[policySteps] = [new BreakerStep(this, settings)];
  }

  get name(): string {
    return this.#settings.name;
  }

  get state(): BreakerState {
    return this.#state;
  }

  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    return drive(this[policySteps], work, options);
  }

  tryAcquire(): Permit | undefined {
    return this.#pass ?? this.#tryProbe() ?? this.#refuse();
  }

  settle(permit: Permit, verdict: Verdict, durationMs?: number, cause?: unknown): 'counted' | 'stale' {
    if (permit !== this.#pass || permit === undefined) return this.#settleProbe(permit, verdict, cause);
    this.#meter?.ended(verdict);
    const reason = this.#reasonToOpen(verdict, durationMs);
    if (reason !== undefined) this.#open(cause, reason);
    return 'counted';
  }

  refusal(): BreakerOpenError {
    return refusalOf(this.name, this.#state, this.#settings.clock);
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
    return this.#emitter.on(name, listener);
  }

  #tryProbe(): Permit | undefined {
    const state = this.#state;
    if (state.name !== 'open' && state.name !== 'half-open') return undefined;
    const now = this.#settings.clock.now();
    if (state.name === 'open' && now < state.until) return undefined;
    const { probes, leaseMs } = this.#settings;
    const others = state.name === 'open' ? [] : leasesInForce(state.leases, probes, now);
    if (others.length >= probes) return undefined;
    this.#serial++;
    const permit = this.#serial as Permit;
    const leases = [...others, { permit, expiresAt: now + leaseMs }];
    this.#move(state.name === 'open' ? { kind: 'probe', since: now, leases } : { kind: 'lend', leases });
    return permit;
  }

  #refuse(): Permit | undefined {
    this.#meter?.ended('refused');
    if (!this.#settings.dryRun) return undefined;
    if (this.#emitter.has('would-refuse')) {
      const { message: reason } = this.refusal();
      this.#emitter.emit('would-refuse', { breaker: this.name, state: this.#state, reason });
    }
    return UNCOUNTED;
  }

  #settleProbe(permit: Permit, verdict: Verdict, cause: unknown): 'counted' | 'stale' {
    const state = this.#state;
    if (state.name !== 'half-open' || !state.leases.some((lease) => lease.permit === permit)) {
      this.#meter?.ended('stale');
      return 'stale';
    }
    this.#meter?.ended(verdict);
    if (verdict === 'failure') this.#open(cause, 'a probe failed');
    else if (verdict === 'success') this.#move({ kind: 'succeed', permit, needed: this.#settings.successes });
    else this.#move({ kind: 'return', permit });
    return 'counted';
  }

  #reasonToOpen(verdict: Verdict, durationMs: number | undefined): string | undefined {
    const { trip, clock, listenerFailed } = this.#settings;
    const now = trip.needs === 'counts' ? Number.NaN : clock.now();
    try {
      if (verdict === 'success') return this.#record.succeeded(now, durationMs);
      return verdict === 'failure' ? this.#record.failed(now, durationMs) : undefined;
    } catch (error) {
      reportFault(listenerFailed, 'trip', error);
      return undefined;
    }
  }

  #open(cause: unknown, reason: string): void {
    const { clock, random, openForMs } = this.#settings;
    const since = clock.now();
    const { openings, firstSince } = nextOpening(this.#state, since);
    const until = since + openForMs({ openings, openForMs: since - firstSince, cause, random });
    this.#move({ kind: 'open', opening: { name: 'open', since, until, cause, reason, openings, firstSince } });
  }

  /** The one place where the state changes: first everything that follows from it, then the listeners. */
  #move(move: BreakerMove): void {
    const from = this.#state;
    const state = transition(from, move);
    if (state === from) return;
    this.#state = state;
    if (state.name === 'closed') this.#beginPeriod();
    else this.#pass = undefined;
    if (state.name === from.name) return;
    this.#meter?.moved(state.name);
    if (this.#emitter.has('state-changed')) {
      this.#tell({ breaker: this.name, from: from.name, to: state.name, state });
    }
  }

  #beginPeriod(): void {
    this.#serial++;
    this.#pass = this.#serial as Permit;
    this.#record = this.#settings.trip.begin();
  }

  /** A listener may change the state again: whoever is telling tells that change too, to all in the same order. */
  #tell(change: BreakerEvents['state-changed']): void {
    this.#changesToTell ??= [];
    if (this.#changesToTell.push(change) > 1) return;
    for (const next of this.#changesToTell) this.#emitter.emit('state-changed', next);
    this.#changesToTell.length = 0;
  }
}
