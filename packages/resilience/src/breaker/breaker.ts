/**
 * Owns the circuit breaker: who gets a permit, what an outcome changes, and who is told.
 * Must never know when a rule trips, nor set a timer: time passes only when somebody asks.
 */
import { type ExecuteOptions, isWanted, rejectWith, type Work } from '../call.ts';
import type { Clock } from '../clock.ts';
import type { BreakerOpenError } from '../errors.ts';
import type { PolicyMeter } from '../metrics/policy-metrics.ts';
import type { Verdict } from '../outcome.ts';
import { Pipeline, policyPipeline } from '../policy.ts';
import { Announcer } from './announcer.ts';
import { type BreakerEvents, breakerClock, type CircuitBreaker, type IsolationHandle } from './contract.ts';
import { ExpressLane } from './express-lane.ts';
import { FreshRefusal } from './fresh-refusal.ts';
import { beginRecord, judgeOpening, noteFaultOfRule, paceAlong } from './judge.ts';
import { type BreakerPlan, type BreakerSettings, breakerPlan, type CircuitBreakerOptions } from './options.ts';
import { isLent, moveAfterProbe, moveToProbe } from './probing.ts';
import { reasonOf, refusalOf, refusalWhileOpen, waitOf } from './refusal.ts';
import { type BreakerMove, type BreakerState, closed, frozen, type Pace, type Permit, transition } from './state.ts';
import { BreakerStep } from './step.ts';
import { NO_CLOCK, type TripRecord } from './trip-rule.ts';

/** What a dry run gives out in place of a refusal: no permit, so its outcome counts nowhere. */
const UNCOUNTED = 0 as Permit;

/** The last permit that any breaker gave: every closed period has one of its own, every probe, and no two breakers the same. */
let lastPermit = 0;

/** Shared, so that a breaker which is never needed costs little. */
const NEVER_OPENED: BreakerState = Object.freeze(closed());

/**
 * A circuit breaker. Sources: Nygard, "Release It!"; permits stamped with a generation after sony/gobreaker.
 *
 * @throws InvalidOptionsError listing every fault; later `execute` rejects what it does not let pass with a BreakerOpenError
 */
export function circuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  return new Breaker(breakerPlan(options));
}

class Breaker implements CircuitBreaker {
  // First what every call looks at: that lies together in memory then, of which many breakers take much.
  /** Made in each closed period by the first call that can take it. */
  #expressLane: ExpressLane | undefined;
  /** The permit of this closed period; undefined in any other state. It stays good when a ramp is over. */
  #period: Permit | undefined = ++lastPermit as Permit;
  /** The same where every caller gets it; undefined also while a ramp decides who does. */
  #pass = this.#period;
  readonly #count: PolicyMeter<'breaker'> | undefined;
  /** What outcomes are dated by. */
  readonly #clock: Pick<Clock, 'now'>;
  #record: TripRecord;
  #lastRefusal: FreshRefusal | undefined; // of this open time
  readonly #settings: BreakerSettings;
  #state: BreakerState = NEVER_OPENED;
  #announcer: Announcer | undefined;
  #pipeline: Pipeline | undefined;
  /** What the record and the pace are of: they go on when an isolation gives back the very state it was laid on. */
  #lastFlow = this.#state;
  #pace: Pace | undefined;

  constructor({ settings, registry, restore }: BreakerPlan) {
    this.#settings = settings;
    this.#clock = settings.trip.needs === 'counts' ? NO_CLOCK : settings.clock;
    this.#record = settings.trip.begin();
    this.#count = registry?.policyMeter('breaker', settings.name, {
      state: (name) => Number(this.#state.name === name),
    });
    if (restore === undefined) return;
    this.#state = frozen(restore(settings.clock, { recovers: settings.recovery !== undefined }));
    this.#begin(this.#state);
  }

  get name(): string {
    return this.#settings.name;
  }

  get state(): BreakerState {
    return this.#state;
  }

  get [breakerClock](): Clock {
    return this.#settings.clock;
  }

  get [policyPipeline](): Pipeline {
    this.#pipeline ??= new Pipeline([new BreakerStep(this, this.#settings)]);
    return this.#pipeline;
  }

  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    const isPlain = options === undefined && typeof work === 'function';
    const lane = isPlain ? (this.#expressLane ?? this.#openLane()) : undefined;
    if (lane !== undefined) return lane.run(work) as Promise<Result>;
    // An open breaker that is asked alone needs no frame to say no, and looks at the clock once.
    const refusal = refusalWhileOpen(this.#state, this.#settings, this.#lastRefusal);
    if (!refusal || !(isPlain || isWanted(work, options))) return this[policyPipeline].execute(work, options);
    this.#count?.('refused');
    return rejectWith(refusal);
  }

  tryAcquire(): Permit | undefined {
    return this.#pass ?? this.#tryProbe() ?? this.#refuse();
  }

  settle(permit: Permit, verdict: Verdict, durationMs?: number, cause?: unknown): 'counted' | 'stale' {
    if (permit !== this.#period || permit === undefined) return this.#settleProbe(permit, verdict, cause);
    this.#count?.(verdict);
    const reason = this.#remember(verdict, durationMs);
    if (typeof reason === 'string') this.#open(verdict === 'failure' ? cause : undefined, reason);
    return 'counted';
  }

  refusal(): BreakerOpenError {
    const last = this.#lastRefusal;
    return refusalOf(this.name, this.#state, this.#pace, (last ?? this.#settings.clock).now(), last?.like);
  }

  trip(cause: unknown): void {
    this.#open(cause, 'it was tripped by hand');
  }

  probeNow(): void {
    this.#move({ kind: 'probe', since: this.#settings.clock.now(), leases: [] });
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
    const { clock, dryRun, probes } = this.#settings;
    return (!dryRun && waitOf(this.#state, this.#pace, clock.now(), probes)) || this.#lastRefusal?.end();
  }

  on<Name extends keyof BreakerEvents>(name: Name, listener: (event: BreakerEvents[Name]) => void): () => void {
    this.#announcer ??= new Announcer(this.#settings.name, this.#settings.listenerFailed);
    return this.#announcer.on(name, listener);
  }

  #openLane(): ExpressLane | undefined {
    const permit = this.#pass;
    if (permit === undefined || this.#settings.trip.needs === 'durations') return undefined;
    this.#expressLane = new ExpressLane(this, this.#settings, permit);
    return this.#expressLane;
  }

  #tryProbe(): Permit | undefined {
    const state = this.#state;
    if (this.#lastRefusal?.stands() || state.name === 'isolated') return undefined;
    if (state.name === 'closed') return this.#tryRamp(state.ramp?.until);
    const now = this.#settings.clock.now();
    const permit = (lastPermit + 1) as Permit;
    const move = moveToProbe(state, this.#settings, permit, now);
    if (move === undefined) return this.#lastRefusal?.madeAt(now);
    lastPermit = permit;
    this.#move(move);
    return permit;
  }

  #tryRamp(until = -Infinity): Permit | undefined {
    const now = this.#settings.clock.now();
    if (this.#pace && now < until) return this.#pace.passes(now) ? this.#period : undefined;
    this.#move({ kind: 'recover' });
    return this.#pass;
  }

  #refuse(): Permit | undefined {
    this.#count?.('refused');
    if (!this.#settings.dryRun) return undefined;
    this.#announcer?.emit('would-refuse', { breaker: this.name, state: this.#state, reason: reasonOf(this.#state) });
    return UNCOUNTED;
  }

  #settleProbe(permit: Permit, verdict: Verdict, cause: unknown): 'counted' | 'stale' {
    if (!isLent(this.#state, permit)) {
      if (permit !== UNCOUNTED) this.#count?.('stale');
      return 'stale';
    }
    this.#count?.(verdict);
    if (verdict === 'failure') this.#open(cause, 'a probe failed');
    else this.#move(moveAfterProbe(permit, verdict, this.#settings));
    return 'counted';
  }

  /** Answers the reason to open, if that is one. In here and not elsewhere: so an engine makes one piece of it with `settle`. */
  #remember(verdict: Verdict, durationMs: number | undefined): string | undefined {
    const record = this.#record;
    const now = this.#clock.now();
    try {
      if (verdict === 'success') return record.succeeded(now, durationMs);
      return verdict === 'failure' ? record.failed(now, durationMs) : undefined;
    } catch (error) {
      return noteFaultOfRule(this.#settings, error);
    }
  }

  #open(cause: unknown, reason: string): void {
    this.#move({ kind: 'open', opening: judgeOpening(this.#settings, this.#state, cause, reason) });
  }

  #handleOf(isolation: Pick<IsolationHandle, 'reason'>): IsolationHandle {
    return { ...isolation, release: () => this.#move({ kind: 'release', isolation }) };
  }

  /** The one place where the state changes: first everything that follows from it, then the listeners. */
  #move(move: BreakerMove): void {
    const from = this.#state;
    const state = transition(from, move);
    if (state === from) return;
    this.#state = state;
    this.#expressLane = undefined;
    if (move.kind === 'recover') this.#endRamp(state);
    else this.#begin(state);
    if (state.name === from.name) return;
    this.#count?.(state.name);
    this.#announcer?.changed({ breaker: this.name, from: from.name, to: state.name, state });
  }

  #begin(state: BreakerState): void {
    this.#pass = undefined;
    this.#period = state.name === 'closed' ? (++lastPermit as Permit) : undefined;
    this.#lastRefusal = state.name === 'open' ? new FreshRefusal(this.#settings.clock, this.name) : undefined;
    if (state.name === 'isolated') return;
    if (state !== this.#lastFlow) {
      this.#lastFlow = state;
      this.#pace = paceAlong(this.#settings, state);
      if (state.name === 'closed') this.#record = beginRecord(this.#settings, this.#record);
    }
    if (state.name === 'closed' && !state.ramp) this.#pass = this.#period;
  }

  /** What was counted on the ramp stays counted. */
  #endRamp(state: BreakerState): void {
    this.#lastFlow = state;
    this.#pace = undefined;
    this.#pass = this.#period;
  }
}
