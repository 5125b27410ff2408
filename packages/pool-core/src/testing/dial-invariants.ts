/**
 * Owns the promise about dials: I11, judged from when dials started and how they ended.
 * It must never know anything that can't be seen from outside the pool.
 */
import type { ErrorClass } from '../driver.ts';
import type { Settings } from '../options.ts';
import type { PoolSnapshot } from '../snapshot.ts';
import { type Belief, DialBeliefs, NEVER, type SeenClass } from './dial-beliefs.ts';
import type { CallRecord } from './ground-truth.ts';
import type { DialNote, Invariant, Observation } from './observation.ts';
import { SimulatedError } from './simulated-server.ts';

/** A younger dial counts as one under way; an older one may count as slow. */
const SLOW_AFTER_MS = 1_000;
/** The earliest that a jittered probe may come, as a share of its interval. */
const EARLIEST_PROBE = 0.9;
const MISCONFIGURED_PROBE_MS = 5_000;
const ROUNDING_MS = 1;

/** I11. */
export const boundedDials: Invariant = {
  name: 'I11',
  sentence: 'No dial starts outside the concurrency cap, the retry schedule or the probe schedule',
  begin({ settings, classes }) {
    const classify = classes === 'trusted' ? classOf : (): SeenClass => 'doubtful';
    const watch = new DialWatch(settings, classify);
    return ({ dials, judgedAtMs }) => {
      for (const note of dials) {
        const wrong = watch.note(note, judgedAtMs);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    };
  },
};

class DialWatch {
  readonly #settings: Settings;
  readonly #classOf: (error: unknown) => SeenClass;
  readonly #beliefs = new DialBeliefs();
  #judgedAtMs: Observation['judgedAtMs'] = (dueAtMs) => dueAtMs;
  readonly #running = new Set<CallRecord>();
  /** Dials whose end is not known yet; a timeout takes them out before the driver answers. */
  readonly #unjudged = new Set<CallRecord>();
  /** Dials taken for timed out at an instant that was not over, with that instant: an answer may have been let in before. */
  readonly #presumed = new WeakMap<CallRecord, number>();
  #lastStartedAtMs = Number.NEGATIVE_INFINITY;
  #startedAtThisInstant = 0;
  /** The probe schedule has taken over from the retry schedule, until a dial succeeds. */
  #probing = false;

  constructor(settings: Settings, classOf: (error: unknown) => SeenClass) {
    this.#settings = settings;
    this.#classOf = classOf;
  }

  note(note: DialNote, judgedAtMs: Observation['judgedAtMs']): string | undefined {
    this.#judgedAtMs = judgedAtMs;
    switch (note.kind) {
      case 'started':
        return this.#started(note.dial, note.snapshot);
      case 'ended':
        this.#ended(note.dial);
        break;
      case 'asked-anew':
        this.#judgeTimeouts(note.atMs, 'included');
        this.#beliefs.askedAnew(note.atMs);
        this.#forgive();
        break;
      case 'breaker-opened':
        this.#probing = true;
        break;
      case 'breaker-closed':
        this.#beliefs.breakerClosed();
    }
    return undefined;
  }

  #ended(dial: CallRecord): void {
    const endedAtMs = dial.endedAtMs ?? dial.startedAtMs;
    this.#judgeTimeouts(endedAtMs);
    const errorClass = this.#isTied(endedAtMs) ? 'doubtful' : this.#classOf(dial.error);
    this.#running.delete(dial);
    const isLetIn = dial.state !== 'failed' && this.#presumed.get(dial) === endedAtMs;
    if (!this.#unjudged.delete(dial) && !isLetIn) return;
    if (dial.state === 'failed') this.#failed(dial, endedAtMs, errorClass);
    else this.#succeeded(endedAtMs);
  }

  #started(dial: CallRecord, snapshot: PoolSnapshot | undefined): string | undefined {
    this.#judgeTimeouts(dial.startedAtMs);
    this.#running.add(dial);
    this.#unjudged.add(dial);
    this.#startedAtThisInstant = dial.startedAtMs === this.#lastStartedAtMs ? this.#startedAtThisInstant + 1 : 1;
    const wrong =
      this.#judgeCount(dial.startedAtMs) ??
      this.#beliefs.judge((belief) => this.#judgeRetry(dial.startedAtMs, snapshot, belief)) ??
      this.#judgeMoment(dial.startedAtMs, snapshot);
    this.#lastStartedAtMs = dial.startedAtMs;
    return wrong;
  }

  /** Whether a dial times out at this very instant: whether that or an answer came first is not known here. */
  #isTied(now: number): boolean {
    for (const { startedAtMs } of this.#unjudged) {
      if (this.#judgedAtMs(startedAtMs + this.#settings.connect.timeoutMs) === now) return true;
    }
    return false;
  }

  #judgeTimeouts(now: number, thisInstant: 'included' | 'left-open' = 'left-open'): void {
    for (const dial of this.#unjudged) {
      const atMs = this.#judgedAtMs(dial.startedAtMs + this.#settings.connect.timeoutMs);
      // While an instant lasts, the order in which its timers are judged is not known here.
      if (thisInstant === 'included' ? atMs > now : atMs >= now) continue;
      this.#unjudged.delete(dial);
      if (atMs === now) this.#presumed.set(dial, now);
      this.#failed(dial, atMs, undefined);
    }
  }

  #failed({ startedAtMs }: CallRecord, atMs: number, errorClass: SeenClass): void {
    const oldestMs = Math.min(startedAtMs, ...[...this.#unjudged].map((dial) => dial.startedAtMs));
    this.#beliefs.failed({ startedAtMs, atMs, errorClass }, (belief) =>
      this.#withoutWhatIsOver(belief, atMs, oldestMs),
    );
  }

  /** A wave matters until the longest wait after it is over, and as long as a dial is under way that had begun before it. */
  #withoutWhatIsOver({ wave, waves, fullAtMs }: Belief, now: number, oldestMs: number): Belief {
    const waveMatters =
      wave !== undefined && (now - wave.atMs < this.#retryMs(wave.errorClass, waves) || oldestMs < wave.atMs);
    const isFull = now - fullAtMs < this.#probeIntervalMs();
    return { wave: waveMatters ? wave : undefined, waves, fullAtMs: isFull ? fullAtMs : NEVER };
  }

  #succeeded(atMs: number): void {
    this.#beliefs.succeeded(atMs);
    this.#forgive();
  }

  /** The next dial may start at once. */
  #forgive(): void {
    this.#lastStartedAtMs = Number.NEGATIVE_INFINITY;
    this.#probing = false;
  }

  #judgeCount(now: number): string | undefined {
    const { concurrency, timeoutMs } = this.#settings.connect;
    const youngerThanMs = Math.min(SLOW_AFTER_MS, timeoutMs) - ROUNDING_MS;
    let underWay = 0;
    for (const { startedAtMs } of this.#running) if (now - startedAtMs < youngerThanMs) underWay++;
    return underWay > concurrency ? `${underWay} dials are under way, ${concurrency} may be` : undefined;
  }

  #judgeMoment(now: number, snapshot: PoolSnapshot | undefined): string | undefined {
    const state = snapshot?.state;
    if (state === 'closing' || state === 'closed') return `a dial started in a ${state} pool`;
    const { breaker } = this.#settings;
    if (breaker === false || snapshot === undefined || snapshot.breaker.state === 'closed') return undefined;
    const sinceMs = now - this.#lastStartedAtMs;
    const leastMs = breaker.probeIntervalMs * EARLIEST_PROBE - ROUNDING_MS;
    return sinceMs < leastMs ? `a probe started ${sinceMs} ms after the last dial, ${leastMs} is the least` : undefined;
  }

  #judgeRetry(now: number, snapshot: PoolSnapshot | undefined, belief: Belief): string | undefined {
    const { wave, fullAtMs } = belief;
    const isFullForMs = now - fullAtMs;
    const leastFullMs = this.#probeIntervalMs() * EARLIEST_PROBE - ROUNDING_MS;
    if (isFullForMs < leastFullMs) return this.#tooSoon(isFullForMs, leastFullMs);
    if (wave === undefined) return undefined;
    const sinceMs = now - wave.atMs;
    const leastMs = this.#leastDelayMs(wave.errorClass, belief.waves, snapshot) - ROUNDING_MS;
    if (sinceMs >= leastMs) return undefined;
    // A dial that fails at the instant of its start may do so while its neighbours are still being started.
    const failedAtOnce = sinceMs === 0 && wave.startedAtMs === now;
    if (failedAtOnce && this.#startedAtThisInstant <= this.#settings.connect.concurrency) return undefined;
    return this.#tooSoon(sinceMs, leastMs);
  }

  #tooSoon(sinceMs: number, leastMs: number): string {
    return `a dial started ${sinceMs} ms after one failed, ${leastMs} is the least`;
  }

  #probeIntervalMs(): number {
    const { breaker, connect } = this.#settings;
    return breaker === false ? connect.initialDelayMs : breaker.probeIntervalMs;
  }

  #retryMs(errorClass: SeenClass, waves: number): number {
    if (errorClass === 'misconfigured') return MISCONFIGURED_PROBE_MS;
    const { jitter, initialDelayMs, maxDelayMs } = this.#settings.connect;
    const share = typeof jitter === 'number' ? 1 - jitter : LEAST_SHARE[jitter];
    return Math.min(maxDelayMs, initialDelayMs * 2 ** Math.max(0, waves - 1)) * share;
  }

  #leastDelayMs(errorClass: SeenClass, waves: number, snapshot: PoolSnapshot | undefined): number {
    const retryMs = this.#retryMs(errorClass, waves);
    if (errorClass === 'misconfigured') return retryMs;
    // While the breaker is open, probes are judged from dial to dial.
    if (this.#settings.breaker !== false && snapshot?.breaker.state !== 'closed') return 0;
    const probesMayCome = this.#probing || errorClass === 'doubtful';
    return probesMayCome ? Math.min(retryMs, this.#probeIntervalMs() * EARLIEST_PROBE) : retryMs;
  }
}

/** The least of a delay that a named jitter leaves; a decorrelated one may start small again at any time. */
const LEAST_SHARE = { none: 1, equal: 0.5, full: 0, decorrelated: 0 } as const;

function classOf(error: unknown): ErrorClass | undefined {
  return error instanceof SimulatedError ? error.errorClass : undefined;
}
