/**
 * Owns how many calls may begin in a stretch of time, and which of the others may wait.
 * Must never know what they do, nor when they end.
 */
import { type Alarm, Alarms, TIME_RULES, type TimeOptions } from './alarms.ts';
import { type ExecuteOptions, runAlone, type Work } from './call.ts';
import { RefusedError, tooLateToBegin } from './errors.ts';
import type { Frame, Step } from './frame.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import type { Registry } from './metrics/registry.ts';
import { checkOptions, faultsOf, type OptionRules, range, readOption } from './option-rules.ts';
import { failure } from './outcome.ts';
import { REGISTRY } from './parts.ts';
import { Pipeline, type Policy } from './policy.ts';
import type { Ruling } from './ruling.ts';
import { WaitingLine } from './waiting-line.ts';

/** Options of a rate limiter. */
export interface RateLimiterOptions extends TimeOptions {
  /** How many calls may begin per second in the long run; also a fraction. */
  readonly perSecond: number;
  /** How many may begin at once after a quiet time. Default as many as in one second, and at least 1. */
  readonly burst?: number | undefined;
  /** What becomes of a call that may not begin now. Default `'refuse'`. It waits only if it need not wait longer than this. */
  readonly wait?: 'refuse' | { readonly maxWaitMs: number } | undefined;
  /** Appears in errors and metrics. Default `'rate-limiter'`. */
  readonly name?: string | undefined;
  /**
   * Where to count calls: `cryo_rate_limiter_*`, with the label `rate_limiter`.
   * The name has to be its own there: of two with one name the gauges read the newer alone.
   */
  readonly registry?: Registry | undefined;
}

/** Bounds how many calls begin per second. */
export interface RateLimiter extends Policy {
  /** As in the options: what errors and metrics call it. */
  readonly name: string;
  /** Calls that wait for their turn now. */
  readonly waiting: number;
}

const MAX_WAIT = range({ min: 0, infinity: true, unit: 'ms' });

const RULES: OptionRules = {
  perSecond: range({ above: 0, unit: 'calls per second' }),
  burst: range({ min: 1, unit: 'calls' }),
  wait(path, value) {
    if (value === 'refuse') return [];
    return value === Object(value)
      ? faultsOf(MAX_WAIT, `${path}.maxWaitMs`, readOption(value, 'maxWaitMs'))
      : [{ path, value, expected: "'refuse' or { maxWaitMs }" }];
  },
  name: 'string',
  ...TIME_RULES,
  registry: REGISTRY,
};

/**
 * A policy under which calls begin at a bounded rate: a bucket holds up to `burst` tokens, `perSecond` of them run in each
 * second, evenly, and each call takes one. In any t seconds at most `burst` + t × `perSecond` calls begin.
 *
 * Those who may wait do so in the order in which they came, and know from the start that it will not be longer than
 * `maxWaitMs`; one that aborts lets those behind it move up.
 *
 * How `execute` rejects besides as the work does: with a RefusedError with the code `RATE_LIMITED`, whose `retryAfterMs` says
 * when there is a token again, or a place among those who wait; that is also the answer to a call whose turn would come after
 * its deadline. With an AbortedError when the caller aborts the wait, and with a DeadlineExceededError when the deadline had
 * passed before.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function rateLimiter(options: RateLimiterOptions): RateLimiter {
  const settings = checkOptions('rateLimiter', options, RULES, ['perSecond'], { name: 'rate-limiter' });
  const { name, perSecond, burst = Math.max(1, Math.floor(perSecond)), wait = 'refuse' } = settings;
  const maxWaitMs = wait === 'refuse' ? 0 : wait.maxWaitMs;
  return new RateLimiterPolicy(name, new RateLimiterStep({ ...settings, burst, maxWaitMs }));
}

class RateLimiterPolicy extends Pipeline implements RateLimiter {
  readonly name: string;
  readonly #step: RateLimiterStep;

  constructor(name: string, step: RateLimiterStep) {
    super([step]);
    this.name = name;
    this.#step = step;
  }

  get waiting(): number {
    return this.#step.line.length;
  }

  /** A call that has its token has nothing more to do with the policy, so what it answers goes straight to its caller. */
  override execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    const mayBegin = options === undefined && typeof work === 'function' && this.#step.admits();
    return mayBegin ? (runAlone(work) as Promise<Result>) : super.execute(work, options);
  }
}

type Settings = RateLimiterOptions & { readonly burst: number; readonly name: string; readonly maxWaitMs: number };

/** So much of a token may be missing: what rounding takes when time is added up. It is owed and not given. */
const ROUNDING = 1e-6;
const SHORTEST_WAIT_MS = 0.001;

class RateLimiterStep implements Step {
  readonly line: WaitingLine;
  readonly #settings: Settings;
  readonly #msPerToken: number;
  readonly #alarms: Alarms;
  readonly #count: PolicyMeter<'rate_limiter'> | undefined;
  #tokens: number;
  #filledAt: number;
  /** When the first in line has its turn; undefined when nobody waits. */
  #turn: Alarm | undefined;

  constructor(settings: Settings) {
    const { name, perSecond, burst, registry } = settings;
    this.#settings = settings;
    this.#msPerToken = 1000 / perSecond;
    this.#alarms = new Alarms(settings, () => {});
    this.line = new WaitingLine(this.#alarms, () => this.#left());
    this.#tokens = burst;
    this.#filledAt = this.#alarms.clock.now();
    this.#count = registry?.policyMeter('rate_limiter', name, { waiting_calls: () => this.line.length });
  }

  enter(frame: Frame): Ruling {
    const now = this.#alarms.clock.now();
    if (now >= frame.deadline) return this.#outOfTime(frame);
    return this.admits(now) ? undefined : this.#queueOrRefuse(frame, now);
  }

  /** Whether a call that comes now may begin, which takes a token. */
  admits(now = this.#alarms.clock.now()): boolean {
    this.#fill(now);
    return this.line.length === 0 && this.#take();
  }

  #outOfTime(frame: Frame): Ruling {
    this.#count?.('out-of-time');
    return failure(tooLateToBegin(frame.work));
  }

  #queueOrRefuse(frame: Frame, now: number): Ruling {
    const waitMs = (this.line.length + 1 - this.#tokens) * this.#msPerToken;
    const { maxWaitMs } = this.#settings;
    if (waitMs > maxWaitMs + ROUNDING * this.#msPerToken) return this.#refuse(waitMs - maxWaitMs);
    if (now + waitMs >= frame.deadline) return this.#refuse(waitMs);
    this.#count?.('delayed');
    if (this.#turn === undefined) this.#awaitTurn(now);
    return this.line.join(frame, now);
  }

  succeeded(): undefined {}

  failed(): undefined {}

  #fill(now: number): void {
    const passedMs = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(this.#settings.burst, this.#tokens + passedMs / this.#msPerToken);
    this.#filledAt = now;
  }

  #take(): boolean {
    if (this.#tokens < 1 - ROUNDING) return false;
    this.#tokens--;
    this.#count?.('admitted');
    return true;
  }

  #refuse(retryAfterMs: number): Ruling {
    this.#count?.('refused');
    const { name, perSecond } = this.#settings;
    const message = `Rate limiter '${name}' lets no more than ${perSecond} calls per second begin`;
    return failure(new RefusedError('RATE_LIMITED', message, { policy: 'rate-limiter', retryAfterMs }));
  }

  #awaitTurn(now: number): void {
    const delayMs = Math.max(SHORTEST_WAIT_MS, (1 - this.#tokens) * this.#msPerToken);
    this.#turn = { dueMs: now + delayMs, sequence: 0, position: -1, ring: () => this.#letIn() };
    this.#alarms.add(this.#turn, now);
  }

  #letIn(): void {
    const now = this.#alarms.clock.now();
    this.#turn = undefined;
    this.#fill(now);
    while (this.line.anyInTime() && this.#take()) this.line.letFirstIn();
    if (this.line.length > 0) this.#awaitTurn(now);
  }

  #left(): void {
    this.#count?.('gave-up');
    if (this.line.length > 0 || this.#turn === undefined) return;
    this.#alarms.remove(this.#turn);
    this.#turn = undefined;
  }
}
