/**
 * Owns the housekeeping of a pool, once a second or so: ages, background checks, leaks, size, and the look for a freeze.
 * It must never be needed for a request to be served.
 */
import type { Timer } from '@cryo/resilience';
import type { Closer } from './closer.ts';
import type { LeakWatch } from './leak.ts';
import type { Opener } from './opener.ts';
import { earliestEndMs, expiresSoon } from './retirement.ts';
import { checkPlan, type Sizer } from './sizer/sizer.ts';
import type { PoolSnapshot, SizeBounds } from './snapshot.ts';
import type { Stores } from './stores.ts';
import type { Validator } from './validator.ts';

/** The keeper looks this often, in ms, or four times within the shortest interval that it has to keep. */
const LOOK_EVERY_MS = { most: 1_000, least: 5 } as const;

/** How often the keeper of a pool with these settings looks, in ms. */
export function lookEveryMs<Connection, Grant>({ settings }: Pick<Stores<Connection, Grant>, 'settings'>): number {
  const { validation, retirement, leak } = settings;
  const shortest = Math.min(
    validation.intervalMs,
    retirement.idleTimeoutMs,
    earliestEndMs(retirement),
    leak.warnAfterMs,
    leak.reclaimAfterMs,
  );
  return Math.max(LOOK_EVERY_MS.least, Math.min(LOOK_EVERY_MS.most, shortest / 4));
}

/** What the keeper asks of the pool. */
export interface Household {
  snapshot(): PoolSnapshot;
  resizeBySizer(bounds: SizeBounds): void;
  observeHealth(snapshot: PoolSnapshot): void;
  lookForThaw(): void;
  changed(): void;
}

interface Staff<Connection, Grant> {
  readonly opener: Opener<Connection, Grant>;
  readonly validator: Validator<Connection, Grant>;
  readonly closer: Closer<Connection, Grant>;
  readonly leaks: LeakWatch<Connection, Grant>;
  readonly sizer: Sizer;
}

export class Keeper<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #staff: Staff<Connection, Grant>;
  readonly #household: Household;
  readonly #everyMs: number;
  #timer: Timer | undefined;

  constructor(stores: Stores<Connection, Grant>, staff: Staff<Connection, Grant>, household: Household) {
    this.#stores = stores;
    this.#staff = staff;
    this.#household = household;
    this.#everyMs = lookEveryMs(stores);
  }

  start(): void {
    this.#timer = this.#stores.timers.set(this.#everyMs, () => this.#look(), { background: true });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    this.start();
    this.#household.lookForThaw();
    const now = this.#stores.clock.now();
    this.#staff.leaks.scan(now);
    if (this.#stores.lifecycle !== 'open') return;
    this.#retire(now);
    this.#checkSome(now);
    const snapshot = this.#household.snapshot();
    this.#household.observeHealth(snapshot);
    this.#resize(snapshot);
    this.#household.changed();
  }

  /** Ends idle connections whose time is over: those that are spare at once, of those that are needed one at most. */
  #retire(now: number): void {
    const { roster, bounds, idle, settings, generation } = this.#stores;
    const { maxLifetimeMs, idleTimeoutMs } = settings.retirement;
    const full = roster.live >= bounds.max;
    const allServe = roster.usable >= bounds.max;
    let awaitingReplacement = 0;
    let needed = 0;
    for (const connection of [...idle.fromBottom()]) {
      if (connection.state !== 'idle') continue;
      const spare = roster.usable > bounds.min;
      const outdated = connection.generation !== generation;
      const ending = outdated || expiresSoon(connection, now, maxLifetimeMs);
      if (ending && spare) this.#staff.closer.close(connection, outdated ? 'recycled' : 'lifetime');
      else if (spare && now - connection.idleSinceMs >= idleTimeoutMs)
        this.#staff.closer.close(connection, 'idle-timeout');
      else if (!ending) continue;
      else if (!full) awaitingReplacement = 1;
      // At the maximum there is no room for a replacement: one goes first, and the next only when all serve again.
      else if (allServe && (outdated || now >= connection.expiresAtMs) && needed++ === 0) {
        this.#staff.closer.close(connection, outdated ? 'recycled' : 'lifetime');
      }
    }
    this.#staff.opener.replacements = awaitingReplacement;
  }

  /** Checks those that have gone longest without proof, a few at a time: as many as keep up with the interval. */
  #checkSome(now: number): void {
    const { roster, idle, settings, generation } = this.#stores;
    const { intervalMs } = settings.validation;
    let places = Math.max(1, Math.ceil((idle.size * this.#everyMs) / intervalMs)) - roster.counts.checking;
    for (const connection of [...idle.fromBottom()]) {
      if (places <= 0) return;
      if (connection.state !== 'idle' || connection.generation !== generation) continue;
      const suspect = connection.freshUntilMs === 0;
      if (!suspect && now - connection.provenAtMs < intervalMs) continue;
      this.#staff.validator.check(connection, 'background', now);
      places--;
    }
  }

  #resize(snapshot: PoolSnapshot): void {
    const growthAllowed = !this.#staff.opener.schedule.down && snapshot.overloadedUntilMs === undefined;
    const ask = () => {
      const plan = this.#staff.sizer.plan({ snapshot, growthAllowed });
      if (plan !== undefined) checkPlan(plan, this.#stores.bounds.absoluteMax);
      return plan;
    };
    const plan = this.#stores.guests.ask('sizer.plan', ask, undefined);
    if (plan !== undefined) this.#household.resizeBySizer(plan);
  }
}
