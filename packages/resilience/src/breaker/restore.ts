/**
 * Owns the way from a snapshot back to a state: whether it can be used, and what its times mean to the clock of today.
 * Must never know who took it, nor trust anything in it.
 */
import type { Clock } from '../clock.ts';
import { OptionCheck } from '../options.ts';
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
  const check = new OptionCheck('fromSnapshot');
  checkSnapshot(check, snapshot);
  check.throwIfFaulty();
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

type Unknown = Readonly<Record<string, unknown>>;

const TIME = { unit: 'ms since 1970' } as const;

/** Adds every fault of what is said to be a snapshot. Further keys are no fault. */
function checkSnapshot(check: OptionCheck, given: unknown): void {
  if (!check.type('snapshot', given, 'object')) return;
  const { version, takenAt, state } = given as Unknown;
  check.oneOf('version', version, [1]);
  const isTimed = check.number('takenAt', takenAt, TIME);
  if (!check.type('state', state, 'object')) return;
  const before = isTimed ? (takenAt as number) : undefined;
  const saved = state as Unknown;
  if (saved.name !== 'isolated') return checkFlow(check, 'state', saved, before, ['isolated']);
  const { reasons, beneath } = saved;
  if (!Array.isArray(reasons) || reasons.length === 0 || !reasons.every((reason) => typeof reason === 'string')) {
    check.fault('state.reasons', reasons, 'an array of at least one string');
  }
  if (check.type('state.beneath', beneath, 'object')) {
    checkFlow(check, 'state.beneath', beneath as Unknown, before, []);
  }
}

function checkFlow(
  check: OptionCheck,
  path: string,
  saved: Unknown,
  takenAt: number | undefined,
  others: readonly string[],
): void {
  if (!check.oneOf(`${path}.name`, saved.name, ['closed', 'open', 'half-open', ...others])) return;
  if (saved.name === 'open') return checkOpening(check, path, saved, takenAt);
  if (saved.name === 'closed') return checkRamp(check, `${path}.ramp`, saved.ramp, takenAt);
  check.number(`${path}.since`, saved.since, TIME);
  checkAfter(check, `${path}.after`, saved.after, takenAt);
}

function checkRamp(check: OptionCheck, path: string, ramp: unknown, takenAt: number | undefined): void {
  if (ramp === null || !check.type(path, ramp, 'object')) return;
  const { since, until, from, after } = ramp as Unknown;
  if (check.number(`${path}.since`, since, { ...TIME, ...(takenAt === undefined ? {} : { max: takenAt }) })) {
    check.number(`${path}.until`, until, { ...TIME, above: since as number });
  }
  if (check.number(`${path}.from`, from, { min: 0, max: 1, unit: 'of the calls' }) && from === 1) {
    check.fault(`${path}.from`, from, 'a share below 1');
  }
  checkAfter(check, `${path}.after`, after, takenAt);
}

function checkAfter(check: OptionCheck, path: string, after: unknown, takenAt: number | undefined): void {
  if (check.type(path, after, 'object')) checkOpening(check, path, after as Unknown, takenAt);
}

function checkOpening(check: OptionCheck, path: string, opening: Unknown, takenAt: number | undefined): void {
  const { since, until, cause, reason, openings, firstSince } = opening;
  const isSound = check.number(`${path}.since`, since, { ...TIME, ...(takenAt === undefined ? {} : { max: takenAt }) });
  if (isSound) check.number(`${path}.firstSince`, firstSince, { ...TIME, max: since as number });
  if (isSound && until !== null) check.number(`${path}.until`, until, { ...TIME, min: since as number });
  if (cause !== null) check.type(`${path}.cause`, cause, 'string');
  check.type(`${path}.reason`, reason, 'string');
  check.number(`${path}.openings`, openings, { min: 1, integer: true, unit: 'openings' });
}
