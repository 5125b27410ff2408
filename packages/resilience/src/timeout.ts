/**
 * Owns how long work may take, and that its caller waits no longer.
 * Must never know what the work is, nor set a timer for each call.
 */
import { type Alarm, Alarms, checkTime, type TimeOptions } from './alarms.ts';
import type { ExecuteOptions, Work } from './call.ts';
import type { Deadline } from './deadline.ts';
import { AbortedError, DeadlineExceededError, TimeoutError } from './errors.ts';
import { drive, type Frame, type Step } from './frame.ts';
import type { Registry } from './metrics/registry.ts';
import { OptionCheck } from './options.ts';
import { countOutcomes } from './outcome-counters.ts';
import { type Policy, policySteps } from './policy.ts';
import type { Entry } from './ruling.ts';
import { type AbortSource, callerOf, Scope } from './scope.ts';

/** Options of a timeout. */
export interface TimeoutOptions extends TimeOptions {
  /** How long the work may take, in ms, from when this policy lets it begin. */
  readonly ms: number;
  /** Appears in errors and metrics. Default `'timeout'`. */
  readonly name?: string | undefined;
  /** Where to count calls and stalls of the event loop: `cryo_timeout_*`, with the label `timeout`. */
  readonly registry?: Registry | undefined;
}

/** Ends the waiting for work that takes too long. */
export interface Timeout extends Policy {
  readonly name: string;
  readonly ms: number;
}

/**
 * A policy under which nobody waits longer than `ms` for work, or than the deadline of the call if that is earlier.
 *
 * The work sees the earlier of the two as `context.deadline`, and `context.signal` aborts when it has passed, as it does when
 * the caller's own signal aborts. Work that heeds neither runs on; its late outcome is dropped, but other policies inside of
 * this one hear of it, so that a place in a bulkhead is kept for as long as the work really runs.
 *
 * How `execute` rejects: with a TimeoutError when the time is up; with a DeadlineExceededError when the deadline of the call
 * came first, and then without beginning the work if it had passed before; with an AbortedError, whose cause is the reason,
 * when the caller aborts and the work has not ended by the time that input which had arrived has been let in. A result that
 * comes first is never thrown away: also not when a timer fires late because the event loop was blocked, for then everything
 * that has arrived meanwhile is let in before anybody's time is up.
 *
 * One timer serves all calls. It wakes at least every 250 ms as long as there are any, and keeps the process alive.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function timeout(options: TimeoutOptions): Timeout {
  const { ms, name = 'timeout', registry, clock, timers, ...others } = options;
  const check = new OptionCheck(name === 'timeout' ? 'timeout' : `timeout '${name}'`);
  check.unknownKeys('', others, ['ms', 'name', 'clock', 'timers', 'registry']);
  check.type('name', name, 'string');
  check.number('ms', ms, { above: 0, infinity: true, unit: 'ms' });
  checkTime(check, { clock, timers });
  check.throwIfFaulty();
  return new TimeoutPolicy(name, ms, new TimeoutStep({ name, ms, registry, clock, timers }));
}

class TimeoutPolicy implements Timeout {
  readonly name: string;
  readonly ms: number;
  readonly [policySteps]: readonly Step[];

  constructor(name: string, ms: number, step: Step) {
    this.name = name;
    this.ms = ms;
    this[policySteps] = [step];
  }

  execute<Result>(work: Work<Result>, options?: ExecuteOptions): Promise<Result> {
    return drive(this[policySteps], work, options);
  }
}

type Ending = 'in-time' | 'timed-out' | 'out-of-time' | 'aborted';

/**
 * One call under a timeout. It is the scope of the work as well, and thereby in the hands of whoever keeps a context beyond
 * its call, so it is not used again; it is held by the alarms only until the call has settled.
 */
class TimeLimit extends Scope implements Alarm {
  declare readonly dueMs: Deadline;
  declare readonly outerDeadline: Deadline;
  declare readonly step: TimeoutStep;
  declare readonly place: number;
  declare sequence: number;
  declare position: number;
  declare ending: Ending;
  /** Undefined once the call has settled. */
  declare frame: Frame | undefined;

  constructor(step: TimeoutStep, frame: Frame, place: number, dueMs: Deadline) {
    super(frame.scope);
    this.sequence = 0;
    this.position = -1;
    this.ending = 'in-time';
    this.step = step;
    this.frame = frame;
    this.place = place;
    this.dueMs = dueMs;
    this.outerDeadline = frame.deadline;
  }

  override get caller(): AbortSource | undefined {
    return callerOf(this.outer);
  }

  ring(): void {
    if (this.dueMs === this.outerDeadline) this.give('out-of-time', new DeadlineExceededError());
    else this.give('timed-out', this.step.timedOut());
  }

  /** Whatever has arrived goes first: a result that the work is about to return is not thrown away. */
  protected override outerAborted(): void {
    super.outerAborted();
    this.step.alarms.timers.afterInput(() => {
      const reason = this.outer?.reason;
      this.give('aborted', new AbortedError(reason), reason);
    });
  }

  /** Gives the work up, unless it has settled. */
  give(ending: Ending, error: unknown, reason: unknown = error): void {
    if (this.frame === undefined) return;
    this.ending = ending;
    this.frame.cutOff(this.place, error);
    this.abort(reason);
  }
}

class TimeoutStep implements Step {
  readonly alarms: Alarms;
  readonly #name: string;
  readonly #ms: number;
  readonly #count: ((ending: Ending) => void) | undefined;

  constructor(options: TimeoutOptions & { readonly name: string }) {
    const { name, ms, registry } = options;
    this.#name = name;
    this.#ms = ms;
    this.#count = countOutcomes(registry, {
      name: 'cryo_timeout_calls_total',
      help: 'Calls made through a timeout, by how the waiting for them ended.',
      labels: { timeout: name },
      outcomes: ['in-time', 'timed-out', 'out-of-time', 'aborted'],
    });
    const stalls = registry?.counter({
      name: 'cryo_timeout_stalls_total',
      help: 'Times that the event loop was blocked while calls had to be judged.',
      labels: { timeout: name },
    });
    this.alarms = new Alarms(options, () => stalls?.add());
  }

  enter(frame: Frame, place: number): Entry {
    const now = this.alarms.clock.now();
    if (now >= frame.deadline) {
      this.#count?.('out-of-time');
      return { kind: 'error', error: new DeadlineExceededError() };
    }
    const limit = new TimeLimit(this, frame, place, Math.min(frame.deadline, now + this.#ms));
    this.alarms.add(limit, now);
    // Of two timeouts the outer one is enough to free the caller.
    if (limit.outer !== undefined && !(limit.outer instanceof Scope)) limit.watch();
    frame.notes[place] = limit;
    frame.scope = limit;
    frame.deadline = limit.dueMs;
    frame.detach();
    return undefined;
  }

  succeeded(frame: Frame, place: number): undefined {
    this.#leave(frame, place);
  }

  failed(frame: Frame, place: number): undefined {
    this.#leave(frame, place);
  }

  moved(frame: Frame, place: number): void {
    (frame.notes[place] as TimeLimit).frame = frame;
  }

  timedOut(): TimeoutError {
    return new TimeoutError({ timeout: this.#name, timeoutMs: this.#ms });
  }

  #leave(frame: Frame, place: number): void {
    const limit = frame.notes[place] as TimeLimit;
    this.alarms.remove(limit);
    limit.frame = undefined;
    limit.close();
    frame.notes[place] = undefined;
    frame.scope = limit.outer;
    frame.deadline = limit.outerDeadline;
    this.#count?.(limit.ending);
  }
}
