/**
 * Owns how long work may take, and that its caller waits no longer.
 * Must never know what the work is, nor set a timer for each call.
 */
import { TIME_RULES, type TimeOptions } from './alarms.ts';
import { TimeoutError } from './errors.ts';
import type { Boundary, Frame } from './frame.ts';
import { LastingAlarms } from './lasting-alarms.ts';
import type { Registry } from './metrics/registry.ts';
import { checkOptions, range } from './option-rules.ts';
import { REGISTRY } from './parts.ts';
import { Pipeline, type Policy } from './policy.ts';
import { type Ending, type LimitKeeper, TimeLimit } from './time-limit.ts';

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
  /** As in the options: what errors and metrics call it. */
  readonly name: string;
  /** How long the work may take, in ms. */
  readonly ms: number;
}

const RULES = {
  name: 'string',
  ms: range({ above: 0, infinity: true, unit: 'ms' }),
  ...TIME_RULES,
  registry: REGISTRY,
} as const;

/**
 * A policy under which nobody waits longer than `ms` for work, or than the deadline of the call if that is earlier.
 *
 * The work sees the earlier of the two as `context.deadline`, and `context.signal` aborts when it has passed, as it does when
 * the caller's own signal aborts. Work that heeds neither runs on; its late outcome is dropped, but other policies inside of
 * this one hear of it, so that a place in a bulkhead is kept for as long as the work really runs. When the caller aborts, a
 * timeout inside of another waits on until its own time, or the deadline, is up.
 *
 * How `execute` rejects: with a TimeoutError when the time is up; with a DeadlineExceededError when the deadline of the call
 * came first, and then without beginning the work if it had passed before; with an AbortedError, whose cause is the reason,
 * when the caller aborts and the work has not ended by the time that input which had arrived has been let in. A result that
 * comes first is never thrown away: also not when a timer fires late because the event loop was blocked, for then everything
 * that has arrived meanwhile is let in before anybody's time is up.
 *
 * One timer serves all calls. It wakes at least every 250 ms as long as there are any, and keeps the process alive, for up to
 * 250 ms also when the last has ended.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function timeout(options: TimeoutOptions): Timeout {
  const settings = checkOptions('timeout', options, RULES, ['ms'], { name: 'timeout' });
  const { name, ms } = settings;
  return Object.assign(new Pipeline([], new TimeoutBoundary(settings)), { name, ms });
}

class TimeoutBoundary implements Boundary, LimitKeeper {
  readonly alarms: LastingAlarms;
  readonly ended: ((ending: Ending) => void) | undefined;
  readonly ms: number;
  readonly #name: string;

  constructor(settings: TimeoutOptions & { readonly name: string }) {
    const { name, ms, registry } = settings;
    this.#name = name;
    this.ms = ms;
    const count = registry?.policyMeter('timeout', name, {});
    this.ended = count;
    this.alarms = new LastingAlarms(settings, () => count?.('stalls'));
  }

  guard(frame: Frame): TimeLimit {
    return new TimeLimit(this, frame);
  }

  timedOut(): TimeoutError {
    return new TimeoutError({ timeout: this.#name, timeoutMs: this.ms });
  }
}
