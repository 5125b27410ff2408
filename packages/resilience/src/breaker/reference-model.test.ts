import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Verdict } from '../outcome.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { circuitBreaker } from './breaker.ts';
import type { IsolationHandle } from './contract.ts';
import type { Permit } from './state.ts';
import { consecutiveFailures } from './trip-rule.ts';

interface Shape {
  readonly threshold: number;
  /** Of the first opening; the second lasts twice as long, the third three times, and so on until it has been closed. */
  readonly openForMs: number;
  readonly probes: number;
  readonly successes: number;
  readonly leaseMs: number;
}

interface ModelCall {
  readonly period: object;
  readonly expiresAt: number;
}

type Mode = 'closed' | 'open' | 'half-open';

/**
 * What a breaker ought to do, written without looking at how it does it: a history of verdicts instead of counters, and
 * permits that are objects which remember the very period that admitted them.
 */
class Model {
  now = 0;
  readonly #shape: Shape;
  #mode: Mode = 'closed';
  /** A new object whenever permits given before shall count no more. */
  #period = {};
  #history: Verdict[] = [];
  #openedAt = 0;
  #openings = 0;
  #probing = new Set<ModelCall>();
  readonly #holds = new Set<object>();

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  get name(): Mode | 'isolated' {
    return this.#holds.size > 0 ? 'isolated' : this.#mode;
  }

  get wouldAdmit(): boolean {
    if (this.name === 'isolated') return false;
    if (this.#mode === 'open') return this.now >= this.#openedAt + this.#openings * this.#shape.openForMs;
    return this.#mode === 'closed' || this.#occupied().length < this.#shape.probes;
  }

  admit(): ModelCall | undefined {
    if (!this.wouldAdmit) return undefined;
    if (this.#mode === 'closed') return { period: this.#period, expiresAt: Infinity };
    if (this.#mode === 'open') this.#enter('half-open');
    this.#probing = new Set(this.#occupied());
    const call = { period: this.#period, expiresAt: this.now + this.#shape.leaseMs };
    this.#probing.add(call);
    return call;
  }

  settle(call: ModelCall, verdict: Verdict): 'counted' | 'stale' {
    if (this.name === 'isolated' || this.#mode === 'open' || call.period !== this.#period) return 'stale';
    if (this.#mode === 'half-open' && !this.#probing.delete(call)) return 'stale';
    if (verdict !== 'neutral') this.#history.push(verdict);
    if (this.#mode === 'half-open' && verdict === 'failure') this.#enter('open');
    else if (this.#mode === 'half-open' && this.#history.length >= this.#shape.successes) this.#enter('closed');
    else if (this.#mode === 'closed' && this.#endsWithFailures()) this.#enter('open');
    return 'counted';
  }

  trip(): void {
    this.#enter('open');
  }

  reset(): void {
    this.#enter('closed');
  }

  probeNow(): void {
    if (this.name === 'open') this.#enter('half-open');
  }

  isolate(hold: object): void {
    this.#holds.add(hold);
    this.#period = {};
    this.#probing = new Set();
    if (this.#mode === 'half-open') this.#history = [];
  }

  release(hold: object): void {
    this.#holds.delete(hold);
  }

  #enter(mode: Mode, openedAt = this.now): void {
    if (mode === 'closed') this.#openings = 0;
    else if (mode === 'open' && this.#mode !== 'open') this.#openings += 1;
    this.#mode = mode;
    this.#openedAt = openedAt;
    this.#period = {};
    this.#history = [];
    this.#probing = new Set();
  }

  /** An expired probe keeps its place until somebody wants it, who takes that of the one that expired first. */
  #occupied(): readonly ModelCall[] {
    const calls = [...this.#probing];
    const [oldest] = calls.toSorted((one, other) => one.expiresAt - other.expiresAt);
    if (calls.length < this.#shape.probes || oldest === undefined || oldest.expiresAt > this.now) return calls;
    return calls.filter((call) => call !== oldest);
  }

  #endsWithFailures(): boolean {
    const last = this.#history.slice(-this.#shape.threshold);
    return last.length === this.#shape.threshold && last.every((verdict) => verdict === 'failure');
  }
}

type Step =
  | { readonly kind: 'admit' | 'trip' | 'reset' | 'probeNow' | 'isolate' }
  | { readonly kind: 'settle'; readonly which: number; readonly verdict: Verdict }
  | { readonly kind: 'release'; readonly which: number }
  | { readonly kind: 'pass'; readonly ms: number };

const small = fc.integer({ min: 1, max: 4 });
const shapes: fc.Arbitrary<Shape> = fc.record({
  ...{ threshold: small, probes: small, successes: small },
  openForMs: fc.constantFrom(0, 10, 35),
  leaseMs: fc.constantFrom(5, 20, Infinity),
});
const which = fc.nat({ max: 1_000 });
const verdict = fc.constantFrom<Verdict>('success', 'failure', 'failure', 'neutral');
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('admit' as const) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('settle' as const), which, verdict }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 15 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('trip', 'reset', 'probeNow', 'isolate') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), which }) },
  ),
  { maxLength: 80, size: 'max' },
);

/** Takes the same steps on both sides, and compares after each what can be seen of them. */
class Comparison {
  readonly #clock = new VirtualClock();
  readonly #model: Model;
  readonly #breaker;
  readonly #calls: (readonly [Permit, ModelCall])[] = [];
  readonly #holds: (readonly [IsolationHandle, object])[] = [];

  constructor(shape: Shape) {
    const { threshold, openForMs, ...halfOpen } = shape;
    const trip = consecutiveFailures(threshold);
    const growing = ({ openings }: { readonly openings: number }) => openings * openForMs;
    this.#model = new Model(shape);
    this.#breaker = circuitBreaker({ name: 'ours', trip, openForMs: growing, halfOpen, clock: this.#clock });
  }

  take(step: Step): void {
    this.#takeOne(step);
    expect(this.#breaker.state.name).toBe(this.#model.name);
    expect(this.#breaker.retryAfterMs() === undefined).toBe(this.#model.wouldAdmit);
  }

  #takeOne(step: Step): void {
    switch (step.kind) {
      case 'admit':
        return this.#admit();
      case 'settle':
        return this.#settle(step.which, step.verdict);
      case 'pass':
        this.#clock.stall(step.ms);
        this.#model.now += step.ms;
        return;
      case 'isolate':
        return this.#isolate();
      case 'release':
        return this.#release(step.which);
      case 'trip':
        this.#breaker.trip('by hand');
        return this.#model.trip();
      default:
        this.#breaker[step.kind]();
        return this.#model[step.kind]();
    }
  }

  #admit(): void {
    const permit = this.#breaker.tryAcquire();
    const call = this.#model.admit();
    expect(permit === undefined).toBe(call === undefined);
    if (permit !== undefined && call !== undefined) this.#calls.push([permit, call]);
  }

  #settle(which: number, verdict: Verdict): void {
    const pair = this.#calls[which % this.#calls.length];
    if (pair === undefined) return;
    const [permit, call] = pair;
    expect(this.#breaker.settle(permit, verdict)).toBe(this.#model.settle(call, verdict));
  }

  #isolate(): void {
    const hold = {};
    this.#holds.push([this.#breaker.isolate('by hand'), hold]);
    this.#model.isolate(hold);
  }

  #release(which: number): void {
    const pair = this.#holds[which % this.#holds.length];
    pair?.[0].release();
    if (pair !== undefined) this.#model.release(pair[1]);
  }
}

it('does what the reference model does, under any interleaving of calls, outcomes, time and hands', () => {
  fc.assert(
    fc.property(shapes, steps, (shape, steps) => {
      const comparison = new Comparison(shape);
      for (const step of steps) comparison.take(step);
    }),
    { numRuns: 1_000 },
  );
});
