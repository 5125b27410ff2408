/**
 * Owns how many calls run at once, and which of the others may wait.
 * Must never know what they do, nor for how long they run.
 */
import { Alarms, TIME_RULES, type TimeOptions } from './alarms.ts';
import { type ExecuteOptions, hop, Rejection, runAlone, type Work } from './call.ts';
import { RefusedError, tooLateToBegin } from './errors.ts';
import type { Frame, Step } from './frame.ts';
import type { PolicyMeter } from './metrics/policy-metrics.ts';
import type { Registry } from './metrics/registry.ts';
import { checkOptions, range } from './option-rules.ts';
import { failure } from './outcome.ts';
import { REGISTRY } from './parts.ts';
import { Pipeline, type Policy } from './policy.ts';
import type { Ruling } from './ruling.ts';
import { WaitingLine } from './waiting-line.ts';

/** Options of a bulkhead. */
export interface BulkheadOptions extends TimeOptions {
  /** Most calls that run at once. */
  readonly limit: number;
  /** Most calls that wait for a place; those beyond are refused. Default 0: nobody waits. */
  readonly queueLimit?: number | undefined;
  /** Appears in errors and metrics. Default `'bulkhead'`. */
  readonly name?: string | undefined;
  /**
   * Where to count calls and those that run and wait now: `cryo_bulkhead_*`, with the label `bulkhead`.
   * The name has to be its own there: of two with one name the gauges read the newer alone.
   */
  readonly registry?: Registry | undefined;
}

/** Bounds how many calls run at once. */
export interface Bulkhead extends Policy {
  /** As in the options: what errors and metrics call it. */
  readonly name: string;
  /** Calls that have a place now. */
  readonly running: number;
  /** Calls that wait for one now. */
  readonly waiting: number;
}

const RULES = {
  limit: range({ min: 1, integer: true, infinity: true, unit: 'calls' }),
  queueLimit: range({ min: 0, integer: true, infinity: true, unit: 'calls' }),
  name: 'string',
  ...TIME_RULES,
  registry: REGISTRY,
} as const;

/**
 * A policy under which at most `limit` calls run at once, and at most `queueLimit` wait, first come, first served.
 *
 * A place that becomes free belongs to the call that has waited longest from that very moment on: no newcomer can step in
 * between, and a call that waits is never turned away in favour of another. It leaves the line when its caller aborts or its
 * deadline passes, and the place in the line is free at once.
 *
 * How `execute` rejects besides as the work does: with a RefusedError with the code `BULKHEAD_FULL` when nobody may wait any
 * more; with an AbortedError or a DeadlineExceededError when the wait ends so, or the deadline had passed before.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function bulkhead(options: BulkheadOptions): Bulkhead {
  const settings = checkOptions('bulkhead', options, RULES, ['limit'], { queueLimit: 0, name: 'bulkhead' });
  return new BulkheadPolicy(settings.name, new BulkheadStep(settings));
}

type Settings = BulkheadOptions & { readonly name: string; readonly queueLimit: number };

class BulkheadPolicy extends Pipeline implements Bulkhead {
  readonly name: string;
  readonly #step: BulkheadStep;
  readonly #onValue = (value: unknown): unknown => {
    this.#step.release();
    return value;
  };
  readonly #onError = (error: unknown): unknown => {
    this.#step.release();
    return new Rejection(error);
  };

  constructor(name: string, step: BulkheadStep) {
    super([step]);
    this.name = name;
    this.#step = step;
  }

  get running(): number {
    return this.#step.running;
  }

  get waiting(): number {
    return this.#step.line.length;
  }

  /** With room there is nothing to remember of a call, so all have the same handlers and none needs a frame. */
  override execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    const hasPlace = options === undefined && typeof work === 'function' && this.#step.takePlace();
    return hasPlace
      ? (hop(runAlone(work), this.#onValue, this.#onError) as Promise<Result>)
      : super.execute(work, options);
  }
}

class BulkheadStep implements Step {
  /** Calls with a place. Below the limit only while nobody waits. */
  running = 0;
  readonly line: WaitingLine;
  readonly #alarms: Alarms;
  readonly #settings: Settings;
  readonly #count: PolicyMeter<'bulkhead'> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#count = settings.registry?.policyMeter('bulkhead', settings.name, {
      running_calls: () => this.running,
      waiting_calls: () => this.line.length,
    });
    this.#alarms = new Alarms(settings, () => {});
    this.line = new WaitingLine(this.#alarms, () => this.#count?.('gave-up'));
  }

  enter(frame: Frame): Ruling {
    const now = frame.deadline === Infinity ? 0 : this.#alarms.clock.now();
    if (now >= frame.deadline) {
      this.#count?.('out-of-time');
      return failure(tooLateToBegin(frame.work));
    }
    if (this.takePlace()) return undefined;
    if (this.line.length >= this.#settings.queueLimit) return this.#refuse();
    this.#count?.('queued');
    return this.line.join(frame, now);
  }

  /** False when every place is taken. */
  takePlace(): boolean {
    if (this.running >= this.#settings.limit) return false;
    this.running++;
    this.#count?.('admitted');
    return true;
  }

  succeeded(): undefined {
    this.release();
  }

  failed(): undefined {
    this.release();
  }

  release(): void {
    if (this.line.anyInTime() && this.line.letFirstIn()) this.#count?.('admitted');
    else this.running--;
  }

  #refuse(): Ruling {
    this.#count?.('refused');
    const message = `Bulkhead '${this.#settings.name}' is full: ${this.running} calls run and ${this.line.length} wait`;
    return failure(new RefusedError('BULKHEAD_FULL', message, { policy: 'bulkhead' }));
  }
}
