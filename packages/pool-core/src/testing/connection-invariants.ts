/**
 * Owns the promises about connections and slots: I1, I4, I5, I8, I9 and I10.
 * It must never know anything that can't be seen from outside the pool.
 */
import type { Settings } from '../options.ts';
import type { PoolSnapshot } from '../snapshot.ts';
import type { CallKind, CallRecord, GroundTruth, Misuse } from './ground-truth.ts';
import type { LedgerFault } from './ledger.ts';
import { type DialNote, type Invariant, newcomers, type Observation, TIMER_SLACK_MS } from './observation.ts';

const ABANDON_AFTER_MS = 1_000;

/** I1. */
export const boundedSize: Invariant = {
  name: 'I1',
  sentence:
    'Live connections never exceed max, after a shrink they only fall until within it, a driver call past its timeout + 1 s gives its slot back, and so does, to whoever shares the capacity, a connection that is asked back and lies idle',
  begin({ settings }) {
    let live = 0;
    const abandonment = new Abandonment(settings);
    return (seen) => {
      const { snapshot, previous, highestMax, truth } = seen;
      for (const note of seen.dials) {
        const wrong = judgeDial(note, live);
        if (wrong !== undefined) return wrong;
        if (note.kind === 'started') live = note.snapshot?.live ?? live;
      }
      const ceiling = Math.max(highestMax, previous?.live ?? 0);
      live = snapshot.live;
      if (live > ceiling) return `${live} connections are live, at most ${ceiling} may be`;
      const held = truth.held.size + truth.runningCount.open;
      const counted = live + snapshot.abandoned;
      if (held > counted) return `the driver has ${held} connections and dials, the pool counts ${counted}`;
      return abandonment.judge(seen);
    };
  },
};

function judgeDial(note: DialNote, liveBefore: number): string | undefined {
  if (note.kind !== 'started' || note.snapshot === undefined) return undefined;
  const { live, size, abandoned } = note.snapshot;
  if (live > Math.max(size.max, liveBefore)) return `a dial made ${live} of ${size.max} connections live`;
  if (abandoned >= size.max) return `a dial started with ${abandoned} calls abandoned, at max ${size.max}`;
  return undefined;
}

/** A call that finds no place among the abandoned asks again within this time, in ms. */
const ASKED_AGAIN_MS = 1_000;

class Abandonment {
  readonly #settings: Settings;
  /** Calls that should have been abandoned when they were last looked at, and since when there may have been a place for them. */
  #kept: { readonly calls: readonly CallRecord[]; readonly sinceMs: number } | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  judge(seen: Observation): string | undefined {
    const { snapshot, previous, highestMax, truth } = seen;
    const { abandoned, state } = snapshot;
    if (abandoned > truth.running.size) return `${abandoned} calls are abandoned, ${truth.running.size} are unanswered`;
    // A pool that closes dials no more and waits for nobody: there the bound serves no purpose.
    if (state === 'closing' || state === 'closed') return undefined;
    const bound = Math.max(highestMax, previous?.abandoned ?? 0);
    if (abandoned > bound) return `${abandoned} calls are abandoned, at most ${bound} may be`;
    return this.#judgeKept(seen);
  }

  #judgeKept({ snapshot, truth, nowMs, judgedAtMs, dials }: Observation): string | undefined {
    const { abandoned, size } = snapshot;
    const before = this.#kept;
    const still = before?.calls.filter((call) => call.state === 'running') ?? [];
    const isShort = (calls: readonly CallRecord[]): boolean => abandoned < Math.min(calls.length, size.max);
    if (before !== undefined && isShort(still)) {
      // Whatever ended meanwhile may have had the place until then.
      const sinceMs = Math.max(
        before.sinceMs,
        lastEndMs([...before.calls, ...dials.map((note) => ('dial' in note ? note.dial : undefined))]),
      );
      this.#kept = { calls: still, sinceMs };
      const late = nowMs > judgedAtMs(sinceMs + ASKED_AGAIN_MS) + TIMER_SLACK_MS;
      return late ? `${still.length} calls are past their timeout + 1 s, only ${abandoned} are abandoned` : undefined;
    }
    const overdue = [...truth.running].filter((call) => this.#isOverdue(call, nowMs, judgedAtMs));
    this.#kept = isShort(overdue) ? { calls: overdue, sinceMs: nowMs } : undefined;
    return undefined;
  }

  #isOverdue({ startedAtMs, kind }: CallRecord, nowMs: number, judgedAtMs: Observation['judgedAtMs']): boolean {
    const timedOutAtMs = judgedAtMs(startedAtMs + timeoutOf(this.#settings, kind));
    return nowMs > judgedAtMs(timedOutAtMs + ABANDON_AFTER_MS) + TIMER_SLACK_MS;
  }
}

function lastEndMs(calls: readonly (CallRecord | undefined)[]): number {
  return Math.max(Number.NEGATIVE_INFINITY, ...calls.map((call) => call?.endedAtMs ?? Number.NEGATIVE_INFINITY));
}

function timeoutOf(settings: Settings, kind: CallKind): number {
  const groups = { open: settings.connect, check: settings.validation, reset: settings.reset, close: settings.closing };
  return groups[kind].timeoutMs;
}

/** I4. */
export const oneLease: Invariant = {
  name: 'I4',
  sentence: 'A connection is in one lease at most, undisturbed, and a second release changes nothing and is reported',
  begin() {
    const fresh = newcomers<LedgerFault>();
    const freshMisuse = newcomers<Misuse>();
    return ({ snapshot, ledger, truth, told }) => {
      const kinds: readonly LedgerFault['kind'][] = [
        'lent-twice',
        'lent-ended',
        'reached-after-release',
        'second-release',
      ];
      const fault = fresh(ledger.faults).find(({ kind }) => kinds.includes(kind));
      if (fault !== undefined) return fault.message;
      const misuse = freshMisuse(truth.misuses).find(({ kind }) => kind === 'lease-disturbed');
      if (misuse !== undefined) return `connection ${misuse.connection}: ${misuse.message}`;
      // A closed pool has told its last event and has no listeners any more.
      if (told === undefined || snapshot.state === 'closed') return undefined;
      const { secondReleases, lateReleases } = ledger;
      const wrong = told.doubleReleases < secondReleases || told.doubleReleases > secondReleases + lateReleases;
      return wrong ? `${secondReleases} second releases, ${told.doubleReleases} were reported` : undefined;
    };
  },
};

/** I5. */
export const countsAddUp: Invariant = {
  name: 'I5',
  sentence: 'Every snapshot is frozen and its counts add up, among themselves and with what callers see',
  begin() {
    return ({ snapshot, previous, ledger, nowMs }) => {
      const wrong = judgeSums(snapshot) ?? judgeProgress(snapshot, previous);
      if (wrong !== undefined) return wrong;
      if (snapshot.atMs !== nowMs) return `the snapshot is of ${snapshot.atMs} ms`;
      if (snapshot.waiting !== ledger.waiting.size) {
        return `${ledger.waiting.size} callers wait, the snapshot says ${snapshot.waiting}`;
      }
      const { leased } = snapshot.connections;
      if (leased >= ledger.held.size) return undefined;
      let inForce = 0;
      for (const { connection } of ledger.held.values()) if (connection.state === 'open') inForce++;
      return leased < inForce ? `${inForce} leases are in force, the snapshot says ${leased}` : undefined;
    };
  },
};

function judgeSums(snapshot: PoolSnapshot): string | undefined {
  if (!Object.isFrozen(snapshot) || !Object.isFrozen(snapshot.connections)) return 'the snapshot is not frozen';
  const { dialing, idle, checking, leased, resetting, closing } = snapshot.connections;
  const states = [dialing, idle, checking, leased, resetting, closing];
  const counts = [...states, snapshot.live, snapshot.abandoned, snapshot.waiting, snapshot.suspects];
  if (counts.some((count) => !Number.isInteger(count) || count < 0)) return `a count is no count: ${counts.join(', ')}`;
  const sum = dialing + idle + checking + leased + resetting + closing;
  if (snapshot.live !== sum) return `live is ${snapshot.live}, its parts (${states.join(' + ')}) are ${sum}`;
  if (snapshot.suspects > idle) return `${snapshot.suspects} of ${idle} idle connections are suspects`;
  if (snapshot.peakLeased < leased) return `peakLeased is ${snapshot.peakLeased} with ${leased} leased`;
  const { min, max, absoluteMax } = snapshot.size;
  if (min > max || max > absoluteMax) return `the bounds are ${min} to ${max} of ${absoluteMax}`;
  if (snapshot.waiting === 0 && snapshot.oldestWaitMs !== 0) return 'nobody waits and oldestWaitMs is not 0';
  if (leased === 0 && snapshot.oldestLeaseMs !== 0) return 'nothing is leased and oldestLeaseMs is not 0';
  return undefined;
}

function judgeProgress(snapshot: PoolSnapshot, previous: PoolSnapshot | undefined): string | undefined {
  if (previous === undefined) return undefined;
  if (!(snapshot.leasedTimeMs >= previous.leasedTimeMs)) return 'leasedTimeMs fell';
  if (snapshot.generation < previous.generation) return 'the generation fell';
  if (snapshot.peakLeased < previous.peakLeased) return 'peakLeased fell';
  return undefined;
}

/** I8. */
export const noLostSlot: Invariant = {
  name: 'I8',
  sentence: 'No slot is ever lost: each is backed by a connection or a driver call, and each connection ends once',
  begin() {
    const fresh = newcomers<Misuse>();
    return ({ snapshot, truth }) => {
      const misuse = fresh(truth.misuses).find(({ kind }) => kind !== 'lease-disturbed');
      if (misuse !== undefined) return `connection ${misuse.connection}: ${misuse.message}`;
      return judgeBacking(snapshot, truth);
    };
  },
};

function judgeBacking({ connections }: PoolSnapshot, { held, runningCount }: GroundTruth): string | undefined {
  const { dialing, idle, checking, leased, resetting, closing } = connections;
  if (dialing > runningCount.open) return `${dialing} slots are dialing, ${runningCount.open} dials are under way`;
  const working = idle + checking + leased + resetting;
  if (working > held.size) return `${working} slots hold a connection, ${held.size} connections exist`;
  const busy = checking + resetting + closing;
  const calls = runningCount.check + runningCount.reset + runningCount.close;
  if (busy > calls) return `${busy} slots wait for the driver, ${calls} driver calls are under way`;
  return undefined;
}

/** I9. */
export const cleanEnd: Invariant = {
  name: 'I9',
  sentence:
    'close() answers in time, and after it no timer, connection or watch remains and every waiter has been told',
  begin() {
    return ({ closing, nowMs, snapshot, ledger, truth, timersPending }) => {
      if (closing === undefined) return undefined;
      if (closing.answeredAtMs === undefined) {
        return nowMs > closing.dueAtMs ? `close() has not answered, it was due at ${closing.dueAtMs} ms` : undefined;
      }
      if (snapshot.state !== 'closed') return `close() has answered and the state is ${snapshot.state}`;
      if (ledger.waiting.size > 0) return `${ledger.waiting.size} waiters were not told`;
      if (truth.held.size > 0) return `${truth.held.size} connections remain`;
      if (snapshot.live > 0) return `${snapshot.live} connections are counted live`;
      if (truth.watches > 0) return `${truth.watches} watches remain`;
      return (timersPending ?? 0) > 0 ? `${timersPending} timers remain` : undefined;
    };
  },
};

/** I10. */
export const noSharedSession: Invariant = {
  name: 'I10',
  sentence: 'No session state crosses leases',
  begin() {
    const fresh = newcomers<LedgerFault>();
    return ({ ledger }) => fresh(ledger.faults).find(({ kind }) => kind === 'dirty')?.message;
  },
};
