/**
 * Owns the way from a snapshot back to a state: whether it can be used, and what its times mean to the clock of today.
 * Must never know who took it, nor trust anything in it.
 */
import type { Clock } from '../clock.ts';
import { carefully } from '../errors.ts';
import {
  faultsOf,
  isOfType,
  must,
  type OptionRule,
  type OptionRules,
  oneOf,
  range,
  readOption,
  throwFaults,
} from '../option-rules.ts';
import { SHARE } from './ramp.ts';
import type { BreakerSnapshot, SavedFlow, SavedOpening, SavedRamp } from './snapshot.ts';
import {
  type BreakerState,
  type ClosedState,
  closed,
  type OpenState,
  type RecoveryRamp,
  type Restore,
} from './state.ts';

/**
 * For `restore` of a breaker: the state that a snapshot stands for at the time when the breaker is made. Time has passed since
 * it was taken as far as the wall clock has moved on; if that was set back, none has. So nothing is ever open for longer than
 * it still was when it was saved, and a wall clock that is far ahead makes the next caller a probe, which finds out.
 *
 * @throws InvalidOptionsError listing everything that is wrong with it
 */
export function fromSnapshot(snapshot: BreakerSnapshot): Restore {
  const rule = record((read) => ({
    version: oneOf(1),
    takenAt: time('max', undefined),
    state: stateRule(read('takenAt'), 'isolated'),
  }));
  throwFaults('fromSnapshot', faultsOf(rule, '', snapshot));
  return (clock, { recovers }) => stateFrom(snapshot, clock, recovers);
}

function stateFrom({ takenAt, state }: BreakerSnapshot, clock: Clock, recovers: boolean): BreakerState {
  const now = clock.now();
  const sinceTaken = clock.wallNow() - takenAt;
  const offsetMs = now - takenAt - (Number.isFinite(sinceTaken) ? Math.max(0, sinceTaken) : 0);
  const flow = state.name === 'isolated' ? state.beneath : state;
  const beneath = flowFrom(flow, { now, offsetMs, recovers });
  if (state.name !== 'isolated') return beneath;
  return { name: 'isolated', isolations: state.reasons.map((reason) => ({ reason })), beneath };
}

interface Today {
  readonly now: number;
  /** From the wall clock of then to the breaker's clock of now. */
  readonly offsetMs: number;
  readonly recovers: boolean;
}

/** A half-open breaker comes back open, its time over: its probes ended with their process, and the next caller is one. */
function flowFrom(flow: SavedFlow, { now, offsetMs, recovers }: Today): ClosedState | OpenState {
  switch (flow.name) {
    case 'open':
      return openingFrom(flow, offsetMs);
    case 'half-open': {
      const opening = openingFrom(flow.after, offsetMs);
      return { ...opening, until: Math.min(opening.until, now) };
    }
    default:
      if (flow.ramp === null || !recovers || flow.ramp.until + offsetMs <= now) return closed();
      return { name: 'closed', ramp: rampFrom(flow.ramp, offsetMs) };
  }
}

function rampFrom({ since, until, from, after }: SavedRamp, offsetMs: number): RecoveryRamp {
  return { since: since + offsetMs, until: until + offsetMs, from, after: openingFrom(after, offsetMs) };
}

function openingFrom({ since, until, cause, reason, openings, firstSince }: SavedOpening, offsetMs: number): OpenState {
  return {
    name: 'open',
    since: since + offsetMs,
    until: until === null ? Infinity : until + offsetMs,
    cause: cause ?? undefined,
    reason,
    openings,
    firstSince: firstSince + offsetMs,
  };
}

type Read = (name: string) => unknown;

/** Whatever a snapshot has to hold is required. Further keys are no fault. */
function record(rulesOf: (read: Read) => OptionRules): OptionRule {
  return (path, value) => {
    if (!isOfType(value, 'object')) return faultsOf('object', path || 'snapshot', value);
    const read = (name: string) => readOption(value, name);
    const prefix = path && `${path}.`;
    return Object.entries(rulesOf(read)).flatMap(([name, rule]) => faultsOf(rule, prefix + name, read(name)));
  };
}

function orNull(rule: OptionRule): OptionRule {
  return (path, value) => (value === null ? [] : faultsOf(rule, path, value));
}

/** A time with a bound that is a time as well; if it is none, its own rule tells of it. */
function time(bound: 'min' | 'max', than: unknown): OptionRule {
  return range({ ...(Number.isFinite(than) && { [bound]: than }), unit: 'ms since 1970' });
}

function stateRule(takenAt: unknown, ...others: readonly string[]): OptionRule {
  return record((read) => {
    const name = read('name');
    if (name === 'open') return openingRules(read, takenAt);
    if (name === 'closed') return { ramp: orNull(record((ramp) => rampRules(ramp, takenAt))) };
    if (name === 'half-open') return { since: time('max', undefined), after: openingRule(takenAt) };
    if (name === 'isolated' && others.includes(name)) return { reasons: REASONS, beneath: stateRule(takenAt) };
    return { name: oneOf('closed', 'open', 'half-open', ...others) };
  });
}

const REASONS = /* @__PURE__ */ must(
  (value) =>
    carefully(
      () => Array.isArray(value) && value.length > 0 && value.every((reason) => typeof reason === 'string'),
      false,
    ),
  'an array of at least one string',
);

function rampRules(read: Read, takenAt: unknown): OptionRules {
  return {
    since: time('max', takenAt),
    until: time('min', read('since')), // the wall clock may know no difference
    from: SHARE,
    after: openingRule(takenAt),
  };
}

function openingRule(takenAt: unknown): OptionRule {
  return record((read) => openingRules(read, takenAt));
}

function openingRules(read: Read, takenAt: unknown): OptionRules {
  return {
    since: time('max', takenAt),
    firstSince: time('max', read('since')),
    until: orNull(time('min', read('since'))),
    cause: orNull('string'),
    reason: 'string',
    openings: range({ min: 1, integer: true, unit: 'openings' }),
  };
}
