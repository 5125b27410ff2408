/**
 * Owns the circuit breaker: who gets a permit, what an outcome changes, and who is told.
 * Must never know when a rule trips, nor set a timer: time passes only when somebody asks.
 */
import { type ExecuteOptions, rejectWith, type Work } from '../call.ts';
import type { BreakerOpenError } from '../errors.ts';
import { drive, type Step } from '../frame.ts';
import type { Verdict } from '../outcome.ts';
import { policySteps } from '../policy.ts';
import { Announcer } from './announcer.ts';
import type { BreakerEvents, CircuitBreaker, IsolationHandle } from './contract.ts';
import { ExpressLane } from './express-lane.ts';
import { FreshRefusal } from './fresh-refusal.ts';
import { beginRecord, judgeOpening, noteFaultOfRule } from './judge.ts';
import { BreakerMeter } from './meter.ts';
import { type BreakerSettings, breakerSettings, type CircuitBreakerOptions } from './options.ts';
import { moveToProbe, rampFromNow } from './probing.ts';
import { Ramp } from './ramp.ts';
import { reasonOf, refusalOf, refusalWhileOpen, waitOf } from './refusal.ts';
import { stateFrom } from './restore.ts';
import { type BreakerSnapshot, snapshotOf } from './snapshot.ts';
import { type BreakerMove, type BreakerState, closed, type Isolation, type Permit, transition } from './state.ts';
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
  return new Breaker(breakerSettings(options), options);
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
  /** What every caller gets while closed; undefined in any other state, and while a ramp decides who gets one. */
  #pass: Permit | undefined = 1 as Permit;
  #ramp: Ramp | undefined = undefined;

  constructor(settings: BreakerSettings, { registry, restore }: CircuitBreakerOptions) {
    this.#settings = settings;
    this.#needs = settings.trip.needs;
    this.#record = settings.trip.begin();
    this.#meter = registry && new BreakerMeter(registry, settings.name, () => this.#state.name);
    if (restore === undefined) return;
    this.#state = stateFrom(restore, settings.clock, { recovers: settings.recovery !== undefined });
    this.#begin(this.#state);
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
    // An open breaker that is asked alone needs no frame to say no, and looks at the clock once.
    const refusal = options?.signal?.aborted ? undefined : refusalWhileOpen(this.#state, this.#settings);
    if (refusal === undefined) return drive(this[policySteps], work, options);
    this.#meter?.ended('refused');
    return rejectWith(refusal);
  }

  tryAcquire(): Permit | undefined {
    return this.#pass ?? this.#tryProbe() ?? this.#refuse();
  }

  settle(permit: Permit, verdict: Verdict, durationMs?: number, cause?: unknown): 'counted' | 'stale' {
    if (permit !== this.#pass || permit === undefined) {
      if (this.#ramp === undefined || permit !== this.#ramp.permit) return this.#settleProbe(permit, verdict, cause);
    }
    this.#meter?.ended(verdict);
    const reason = this.#remember(verdict, durationMs);
    if (typeof reason === 'string') this.#open(verdict === 'failure' ? cause : undefined, reason);
    return 'counted';
  }

  refusal(): BreakerOpenError {
    return refusalOf(this.name, this.#state, this.#ramp, this.#lastRefusal ?? this.#settings.clock);
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
    return this.#handleOf(isolation);
  }

  get isolations(): readonly IsolationHandle[] {
    return this.#state.name === 'isolated' ? this.#state.isolations.map((one) => this.#handleOf(one)) : [];
  }

  reset(): void {
    this.#move({ kind: 'close' });
  }

  retryAfterMs(): number | undefined {
    return this.#settings.dryRun ? undefined : waitOf(this.#state, this.#ramp, this.#settings);
  }

  snapshot(): BreakerSnapshot {
    return snapshotOf(this.#state, this.#settings.clock);
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
    if (state.name === 'closed') return this.#tryRamp();
    if (state.name === 'isolated' || this.#lastRefusal?.stands()) return undefined;
    const { clock } = this.#settings;
    const now = clock.now();
    const permit = (this.#serial + 1) as Permit;
    const move = moveToProbe(state, this.#settings, permit, now);
    if (move === undefined) return this.#noteRefusal(state, now);
    this.#serial++;
    this.#move(move);
    return permit;
  }

  #noteRefusal({ name }: BreakerState, now: number): undefined {
    if (name !== 'open') return;
    this.#lastRefusal ??= new FreshRefusal(this.#settings.clock);
    this.#lastRefusal.madeAt(now);
  }

  #tryRamp(): Permit | undefined {
    const now = this.#settings.clock.now();
    const ramp = this.#ramp;
    if (ramp === undefined || now < ramp.line.until) return ramp?.passes(now) ? ramp.permit : undefined;
    this.#move({ kind: 'recover' });
    return this.#pass;
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
    else if (verdict === 'neutral') this.#move({ kind: 'return', permit });
    else this.#move({ kind: 'succeed', permit, needed: this.#settings.successes, line: rampFromNow(this.#settings) });
    return 'counted';
  }

  /** Answers the reason to open, if that is one. */
  #remember(verdict: Verdict, durationMs: number | undefined): string | undefined {
    const now = this.#needs === 'counts' ? Number.NaN : this.#settings.clock.now();
    try {
      if (verdict === 'success') return this.#record.succeeded(now, durationMs);
      return verdict === 'failure' ? this.#record.failed(now, durationMs) : undefined;
    } catch (error) {
      return noteFaultOfRule(this.#settings, error);
    }
  }

  #open(cause: unknown, reason: string): void {
    this.#move({ kind: 'open', opening: judgeOpening(this.#settings, this.#state, cause, reason) });
  }

  #handleOf(isolation: Isolation): IsolationHandle {
    return { reason: isolation.reason, release: () => this.#move({ kind: 'release', isolation }) };
  }

  /** The one place where the state changes: first everything that follows from it, then the listeners. */
  #move(move: BreakerMove): void {
    const from = this.#state;
    const state = transition(from, move);
    if (state === from) return;
    this.#state = state;
    this.#expressLane = undefined;
    this.#lastRefusal = undefined;
    if (move.kind !== 'recover') this.#begin(state);
    else this.#pass = this.#ramp?.permit; // what was counted on the ramp stays counted
    if (move.kind === 'recover') this.#ramp = undefined;
    if (state.name === from.name) return;
    this.#meter?.moved(state.name);
    this.#announcer?.changed({ breaker: this.name, from: from.name, to: state.name, state });
  }

  #begin(state: BreakerState): void {
    this.#pass = undefined;
    this.#ramp = undefined;
    if (state.name !== 'closed') return;
    this.#serial++;
    const permit = this.#serial as Permit;
    this.#record = beginRecord(this.#settings, this.#record);
    if (state.ramp === undefined) this.#pass = permit;
    else this.#ramp = new Ramp(state.ramp, permit);
  }
}
