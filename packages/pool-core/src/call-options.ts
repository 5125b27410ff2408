/**
 * Owns the judging of what is passed to one call of a pool: the same typed error as for bad settings, at no cost when good.
 * It must never know what the call does.
 */
import { type AbortSignal, OptionCheck } from '@cryo/resilience';
import { checkFlows, type Flows } from './flows.ts';
import { PRIORITIES, type Priority } from './request.ts';
import type { SizeBaseline } from './sizer/sizer.ts';
import type { SizeBounds } from './snapshot.ts';

/** More connections than any server takes: what is above is a slip of the pen. */
const MOST_CONNECTIONS = 100_000;

export const MIN_CONNECTIONS = { min: 0, max: MOST_CONNECTIONS, integer: true, unit: 'connections' };
export const MAX_CONNECTIONS = { ...MIN_CONNECTIONS, min: 1 };

const TIME_LIMIT = { above: 0, infinity: true, unit: 'ms' };

/** The calls that take options, with the options that they know. */
const CALLS = {
  acquire: ['signal', 'timeoutMs', 'label', 'priority', 'deadline'],
  tryAcquire: ['label'],
  use: ['signal', 'timeoutMs', 'label', 'priority', 'deadline'],
  ready: ['signal', 'timeoutMs'],
  close: ['timeoutMs'],
} as const;

const OPTIONS = ['signal', 'timeoutMs', 'label', 'priority', 'deadline'] as const;

export type PoolCall = keyof typeof CALLS;

/** What the checks look at; each call takes some of them. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly label?: string;
  readonly priority?: Priority;
  readonly deadline?: number;
}

/**
 * Judges the options of one call to the pool of that name; a few nanoseconds while nothing is wrong.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function checkCall(pool: string, call: PoolCall, options: CallOptions): void {
  try {
    if (isSound(call, options)) return;
  } catch {
    // A getter or a proxy threw, and its option is named when each is looked at by itself.
  }
  refuse(pool, call, options);
}

function isSound(call: PoolCall, options: CallOptions): boolean {
  if (typeof options !== 'object' || options === null) return false;
  const { signal, timeoutMs, label, priority, deadline } = options;
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0)) return false;
  if (deadline !== undefined && (typeof deadline !== 'number' || Number.isNaN(deadline))) return false;
  if (label !== undefined && typeof label !== 'string') return false;
  if (priority !== undefined && !PRIORITIES.includes(priority)) return false;
  if (signal !== undefined && !isSignal(signal)) return false;
  const known: readonly string[] = CALLS[call];
  for (const key in options) if (!known.includes(key)) return false;
  return true;
}

function isSignal(value: AbortSignal): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    typeof value.addEventListener === 'function' &&
    typeof value.removeEventListener === 'function'
  );
}

function isReadableSignal(value: unknown): boolean {
  try {
    return isSignal(value as AbortSignal);
  } catch {
    return false;
  }
}

function refuse(pool: string, call: PoolCall, options: CallOptions): void {
  const check = new OptionCheck(`Pool '${pool}': ${call}`);
  const known: readonly string[] = CALLS[call];
  if (check.type('options', options, 'object')) {
    const [signal, timeoutMs, label, priority, deadline] = OPTIONS.map((key) =>
      known.includes(key) ? OptionCheck.read(options, key) : undefined,
    );
    check.unknownKeys('', options, known);
    if (timeoutMs !== undefined) check.number('timeoutMs', timeoutMs, TIME_LIMIT);
    if (deadline !== undefined) check.number('deadline', deadline, { infinity: true, unit: "ms on the pool's clock" });
    if (label !== undefined) check.type('label', label, 'string');
    if (priority !== undefined) check.oneOf('priority', priority, PRIORITIES);
    if (signal !== undefined && !isReadableSignal(signal))
      check.fault('signal', signal, 'an AbortSignal, as in controller.signal');
  }
  check.throwIfFaulty();
}

/** Judges what a call is given to call back. @throws InvalidOptionsError */
export function checkCallback(subject: string, what: 'work', callback: unknown): void {
  if (typeof callback === 'function') return;
  const check = new OptionCheck(subject);
  check.type(what, callback, 'function');
  check.throwIfFaulty();
}

/**
 * The bounds that `resize()` asks for. What is not given stays as the caller set it last, whatever a sizer made of it since,
 * and gives way to what is given where they would contradict each other. Where `absoluteMax` equals `max`, because nobody
 * asked for room above, it goes with it.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function parseBounds(
  pool: string,
  given: Partial<SizeBounds>,
  baseline: SizeBaseline & { readonly expect?: Flows },
): SizeBaseline {
  const check = new OptionCheck(`Pool '${pool}': resize`);
  if (!check.type('options', given, 'object')) check.throwIfFaulty();
  check.unknownKeys('', given, ['min', 'max']);
  const [min, max] = (['min', 'max'] as const).map((key) => OptionCheck.read(given, key)) as (number | undefined)[];
  const follows = baseline.absoluteMax === baseline.max;
  const most = follows ? MOST_CONNECTIONS : baseline.absoluteMax;
  if (min !== undefined) check.number('min', min, { ...MIN_CONNECTIONS, max: most });
  if (max !== undefined) check.number('max', max, { ...MAX_CONNECTIONS, max: most });
  if (typeof min === 'number' && typeof max === 'number' && min > max)
    check.fault('min', min, `at most max, ${max} connections`);
  const connections = follows && typeof max === 'number' ? max : most;
  checkFlows(check, 'expect', baseline.expect, { bound: 'max', connections });
  check.throwIfFaulty();
  const bounds = {
    min: min ?? Math.min(baseline.min, max ?? baseline.max),
    max: max ?? Math.max(baseline.max, min ?? baseline.min),
  };
  return Object.freeze({ ...bounds, absoluteMax: follows ? bounds.max : baseline.absoluteMax });
}
