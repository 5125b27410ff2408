/**
 * Owns the promise about dials: I11, judged from when dials started and how they ended.
 * It must never know anything that can't be seen from outside the pool.
 */
import type { ErrorClass } from '../driver.ts';
import type { Settings } from '../options.ts';
import type { PoolSnapshot } from '../snapshot.ts';
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
    const readings = READINGS.map((reading) => new DialWatch(settings, classify, reading));
    return ({ dials, judgedAtMs }) => {
      for (const note of dials) {
        const wrong = readings.map((reading) => reading.note(note, judgedAtMs));
        if (wrong.every((seen) => seen !== undefined)) return wrong[0];
      }
      return undefined;
    };
  },
};

/** The last failure that set the schedule back: dials under way together fail together, and the first one counts. */
interface Wave {
  readonly atMs: number;
  /** When the dial that failed had started. */
  readonly startedAtMs: number;
  readonly errorClass: SeenClass;
}

/** What can't be seen from outside, taken in one of the ways in which it may be. */
interface Reading {
  /** What a failure means of a dial that had begun before another one succeeded, or before the pool was asked anew. */
  readonly olderFailure: 'counts' | 'is-forgiven';
  /** What the pool made of an error whose class may have been lost on the way. */
  readonly doubtfulFailure: 'counts' | 'says-full';
}

/** Only what breaks the promise in each of them breaks it. */
const READINGS: readonly Reading[] = [
  { olderFailure: 'counts', doubtfulFailure: 'counts' },
  { olderFailure: 'is-forgiven', doubtfulFailure: 'counts' },
  { olderFailure: 'counts', doubtfulFailure: 'says-full' },
  { olderFailure: 'is-forgiven', doubtfulFailure: 'says-full' },
];

type SeenClass = ErrorClass | 'doubtful' | undefined;

class DialWatch {
  readonly #settings: Settings;
  readonly #classOf: (error: unknown) => SeenClass;
  readonly #reading: Reading;
  #judgedAtMs: Observation['judgedAtMs'] = (dueAtMs) => dueAtMs;
  readonly #running = new Set<CallRecord>();
  /** Dials whose end is not known yet; a timeout takes them out before the driver answers. */
  readonly #unjudged = new Set<CallRecord>();
  /** Dials taken for timed out at an instant that was not over, with that instant: an answer may have been let in before. */
  readonly #presumed = new WeakMap<CallRecord, number>();
  #lastStartedAtMs = Number.NEGATIVE_INFINITY;
  #startedAtThisInstant = 0;
  #forgivenAtMs = Number.NEGATIVE_INFINITY;
  #wave: Wave | undefined;
  /** When the server last said that it has no place. */
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #waves = 0;
  /** The probe schedule has taken over from the retry schedule, until a dial succeeds. */
  #probing = false;

  constructor(settings: Settings, classOf: (error: unknown) => SeenClass, reading: Reading) {
    this.#settings = settings;
    this.#classOf = classOf;
    this.#reading = reading;
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
        this.#forgive(note.atMs);
        break;
      case 'breaker-opened':
        this.#probing = true;
        break;
      case 'breaker-closed':
        this.#waves = 0;
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
      this.#judgeRetry(dial.startedAtMs, snapshot) ??
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

  #succeeded(atMs: number): void {
    this.#forgive(atMs);
    this.#waves = 0;
  }

  /** The next dial may start at once. */
  #forgive(atMs: number): void {
    this.#forgivenAtMs = atMs;
    this.#lastStartedAtMs = Number.NEGATIVE_INFINITY;
    this.#wave = undefined;
    this.#fullAtMs = Number.NEGATIVE_INFINITY;
    this.#probing = false;
  }

  #failed(dial: CallRecord, atMs: number, errorClass: SeenClass): void {
    // A full server answers: it is asked at its own pace, and what failed before is no longer counted.
    const { olderFailure, doubtfulFailure } = this.#reading;
    if (errorClass === 'overloaded' || (errorClass === 'doubtful' && doubtfulFailure === 'says-full')) {
      this.#fullAtMs = atMs;
      this.#waves = 0;
      return;
    }
    const forgivenAtMs = olderFailure === 'counts' ? Number.NEGATIVE_INFINITY : this.#forgivenAtMs;
    if (dial.startedAtMs < Math.max(forgivenAtMs, this.#wave?.atMs ?? Number.NEGATIVE_INFINITY)) return;
    this.#wave = { atMs, startedAtMs: dial.startedAtMs, errorClass };
    this.#waves = errorClass === 'doubtful' ? 0 : this.#waves + 1;
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

  #judgeRetry(now: number, snapshot: PoolSnapshot | undefined): string | undefined {
    const isFullForMs = now - this.#fullAtMs;
    const leastFullMs = this.#probeIntervalMs() * EARLIEST_PROBE - ROUNDING_MS;
    if (isFullForMs < leastFullMs) return this.#tooSoon(isFullForMs, leastFullMs);
    if (this.#wave === undefined) return undefined;
    const sinceMs = now - this.#wave.atMs;
    const leastMs = this.#leastDelayMs(this.#wave, snapshot) - ROUNDING_MS;
    if (sinceMs >= leastMs) return undefined;
    // A dial that fails at the instant of its start may do so while its neighbours are still being started.
    const failedAtOnce = sinceMs === 0 && this.#wave.startedAtMs === now;
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

  #leastDelayMs({ errorClass }: Wave, snapshot: PoolSnapshot | undefined): number {
    const { breaker, connect } = this.#settings;
    if (errorClass === 'misconfigured') return MISCONFIGURED_PROBE_MS;
    // While the breaker is open, probes are judged from dial to dial.
    if (breaker !== false && snapshot?.breaker.state !== 'closed') return 0;
    const share = typeof connect.jitter === 'number' ? 1 - connect.jitter : LEAST_SHARE[connect.jitter];
    const retryMs = Math.min(connect.maxDelayMs, connect.initialDelayMs * 2 ** Math.max(0, this.#waves - 1)) * share;
    const probesMayCome = this.#probing || errorClass === 'doubtful';
    return probesMayCome ? Math.min(retryMs, this.#probeIntervalMs() * EARLIEST_PROBE) : retryMs;
  }
}

/** The least of a delay that a named jitter leaves; a decorrelated one may start small again at any time. */
const LEAST_SHARE = { none: 1, equal: 0.5, full: 0, decorrelated: 0 } as const;

function classOf(error: unknown): ErrorClass | undefined {
  return error instanceof SimulatedError ? error.errorClass : undefined;
}
