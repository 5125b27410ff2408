/**
 * Owns the wiring of one pool: its machines, who calls whom, and what they tell each other.
 * It must never decide what a machine decides.
 */
import { Acquisition, GRACE_MS } from './acquisition.ts';
import { Admission } from './admission.ts';
import { announce } from './announcer.ts';
import { createStores } from './assembly.ts';
import { Closer } from './closer.ts';
import { Closing } from './closing.ts';
import { Dispatcher, type Movers } from './dispatcher.ts';
import type { RefusalReason } from './events.ts';
import { Expiry, type ExpiryDesk } from './expiry.ts';
import { HealthView } from './health.ts';
import { type Household, Keeper, lookEveryMs } from './keeper.ts';
import { LeakWatch } from './leak.ts';
import type { Lease } from './lease.ts';
import { Lending } from './lending.ts';
import { Loan } from './loan.ts';
import { takeSnapshot } from './look.ts';
import { joinCapacity } from './membership.ts';
import { Opener } from './opener.ts';
import type { Logger, PoolOptions } from './options.ts';
import { quietly } from './quietly.ts';
import { Readiness } from './readiness.ts';
import { Refusals } from './refusal.ts';
import { startReporter } from './reporter.ts';
import { isRecalled } from './retirement.ts';
import { Returner } from './returner.ts';
import { createShedding, type Shedding } from './shedding.ts';
import { createShortWay, type ShortWay } from './short-way.ts';
import type { SizeBaseline, Sizer } from './sizer/sizer.ts';
import type { PoolSnapshot, SizeBounds } from './snapshot.ts';
import type { Stores } from './stores.ts';
import { ThawWatch } from './thaw.ts';
import { Validator } from './validator.ts';

type Grant<Connection> = Lease<Connection>;

/** All machines of one pool, running from the moment it is made. */
export class Machinery<Connection> implements Movers {
  readonly stores: Stores<Connection, Grant<Connection>>;
  readonly opener: Opener<Connection, Grant<Connection>>;
  readonly closer: Closer<Connection, Grant<Connection>>;
  readonly lending: Lending<Connection>;
  readonly shortWay: ShortWay<Connection>;
  readonly acquisition: Acquisition<Connection>;
  readonly readiness: Readiness<Connection, Grant<Connection>>;
  readonly closing: Closing<Connection>;
  readonly health: HealthView;
  readonly sizer: Sizer;
  /** The bounds that the caller set last. */
  baseline: SizeBaseline;
  /** Only in a pool that opted in. */
  readonly shedding: Shedding<Connection, Grant<Connection>> | undefined;
  readonly #refusals: Refusals;
  readonly #validator: Validator<Connection, Grant<Connection>>;
  readonly #dispatcher: Dispatcher<Connection, Grant<Connection>>;
  readonly #expiry: Expiry<Connection, Grant<Connection>>;
  readonly #keeper: Keeper<Connection, Grant<Connection>>;
  readonly #thaw: ThawWatch;
  readonly #reporter: { stop(): void };
  #leaveCapacity: (() => void) | undefined;

  constructor(options: PoolOptions<Connection>) {
    const snapshot = () => this.snapshot();
    const changed = () => this.changed();
    const stores = createStores<Connection, Grant<Connection>>(options, snapshot, changed);
    const { settings, clock, metrics, timers } = stores;
    this.stores = stores;
    this.closer = new Closer(stores, {
      ended: changed,
      serverLost: (error) => this.opener.schedule.serverLost(error),
    });
    const admission = new Admission(stores, this.closer, changed);
    this.opener = new Opener(stores, {
      arrived: (connection, dialMs) => {
        connection.desk = this.shortWay;
        connection.loan = new Loan(connection);
        admission.admit(connection, dialMs);
      },
      changed,
    });
    this.#dispatcher = new Dispatcher(stores, this.opener, this);
    this.#validator = new Validator(stores, this.closer, changed);
    this.#refusals = new Refusals(this.opener.schedule, stores.redactor, snapshot);
    const returner = new Returner(stores, this.closer, changed);
    const leaks = new LeakWatch(stores, returner);
    const queued = () => this.#dispatcher.queued();
    this.lending = new Lending(stores, { leaks });
    const { lending } = this;
    this.shortWay = createShortWay(stores, { leaks, lending, returner, dispatcher: this.#dispatcher });
    const requests = { leaks, lending, refusals: this.#refusals, changed, queued };
    this.acquisition = new Acquisition(stores, requests);
    this.shedding = createShedding(stores, this.acquisition, changed);
    this.readiness = new Readiness(
      stores,
      (reason, details) => this.#refusals.create(reason, details),
      () => this.#hopelessReason(),
    );
    this.#thaw = new ThawWatch(clock, lookEveryMs(stores));
    this.#expiry = new Expiry(stores, this.#expiryDesk());
    this.health = new HealthView(metrics, settings.acquire);
    this.baseline = settings.size;
    this.sizer = settings.size.sizer.start(settings.size);
    const { acquisition, readiness, opener, closer, sizer } = this;
    const staff = { opener, validator: this.#validator, closer, leaks, sizer };
    this.#keeper = new Keeper(stores, staff, this.#household());
    this.#reporter = startReporter({ settings, metrics, snapshot, logger: options.logger, timers, clock });
    const stop = () => this.#stop();
    this.closing = new Closing(stores, { acquisition, readiness, opener, closer, returner, snapshot, stop });
    this.#start(options.logger);
  }

  #start(logger: Logger | undefined): void {
    const { settings, events } = this.stores;
    this.#followBreaker();
    this.#leaveCapacity = joinCapacity(this.stores, () => this.#capacityChanged());
    announce(settings.name, events, logger);
    this.#keeper.start();
    this.changed();
  }

  /** A store changed: decide anew. */
  changed(): void {
    this.#dispatcher.pump();
  }

  snapshot(): PoolSnapshot {
    return takeSnapshot(this.stores, this.opener.schedule);
  }

  /** The caller's new bounds: the sizer goes on from there, and a server that refused before is asked again now. */
  rebase(baseline: SizeBaseline): void {
    const { lifecycle } = this.stores;
    if (lifecycle === 'closing' || lifecycle === 'closed') return;
    this.baseline = baseline;
    this.stores.guests.ask('sizer.rebase', () => this.sizer.rebase(baseline), undefined);
    this.#resize(baseline, 'caller');
    this.opener.schedule.retryNow();
    this.changed();
  }

  /** Puts new bounds in force; nothing leased is disturbed. */
  #resize(to: SizeBounds, by: 'caller' | 'sizer'): void {
    const { bounds, roster, idle, events } = this.stores;
    const from = { min: bounds.min, max: bounds.max };
    this.stores.bounds = { min: to.min, max: to.max, absoluteMax: this.baseline.absoluteMax };
    for (const connection of [...idle.fromBottom()]) {
      if (roster.staying <= to.max) break;
      if (connection.state === 'idle') this.closer.close(connection, 'shrunk');
    }
    events.emit('resized', { from, to: { min: to.min, max: to.max }, by });
  }

  grant(now: number): void {
    this.lending.grantNext(now);
  }

  check(now: number): void {
    const { top } = this.stores.idle;
    if (top !== undefined) this.#validator.check(top, 'borrow', now);
  }

  open(now: number): void {
    this.opener.open(now);
  }

  refuse(now: number): void {
    this.acquisition.refuseNext(this.#refusals.downReason, now);
  }

  rest(now: number): void {
    this.opener.rest(now);
    this.shedding?.rest(now);
    this.#expiry.rest(now);
    this.readiness.look();
    this.closing.look();
  }

  #hopelessReason(): RefusalReason | undefined {
    const { lifecycle } = this.stores;
    if (lifecycle === 'closing' || lifecycle === 'closed') return 'closed';
    const { breaker, lastFailure } = this.opener.schedule;
    if (breaker === undefined) {
      const told = lastFailure?.errorClass === 'misconfigured' && this.stores.roster.counts.dialing === 0;
      return told ? 'misconfigured' : undefined;
    }
    // While a probe is out, its answer is worth waiting for.
    return breaker.state.name === 'open' ? this.#refusals.downReason : undefined;
  }

  #expiryDesk(): ExpiryDesk<Grant<Connection>> {
    return {
      lookForThaw: () => this.#lookForThaw(),
      timedOut: (waiter, now) => this.acquisition.refuse(waiter, 'timeout', now),
      shed: (now) => this.shedding?.look(now),
      changed: () => this.changed(),
    };
  }

  #household(): Household {
    return {
      snapshot: () => this.snapshot(),
      resizeBySizer: (bounds) => this.#resize(bounds, 'sizer'),
      observeHealth: (snapshot) => this.health.tick(snapshot.atMs, snapshot),
      lookForThaw: () => this.#lookForThaw(),
      changed: () => this.changed(),
    };
  }

  /** After a freeze nothing is as it was: every idle connection is suspect, and waiters get their one grace. */
  #lookForThaw(): void {
    const gapMs = this.#thaw.look();
    if (gapMs === 0) return;
    const { idle, metrics, events, clock } = this.stores;
    idle.suspectAll();
    const now = clock.now();
    this.acquisition.grantGrace(now);
    if (this.stores.lifecycle === 'open') this.shedding?.countFrom(now + GRACE_MS, now);
    metrics.thaws.add();
    events.emit('thawed', { gapMs });
  }

  #followBreaker(): void {
    const { metrics, events } = this.stores;
    this.opener.schedule.breaker?.on('state-changed', ({ from, to, state }) => {
      if (to === 'open' && from === 'closed') metrics.breakerTrips.add();
      events.emit('breaker-changed', { from, to, cause: state.name === 'open' ? state.cause : undefined });
    });
  }

  #capacityChanged(): void {
    const { idle } = this.stores;
    while (idle.bottom !== undefined && isRecalled(this.stores)) this.closer.close(idle.bottom, 'shrunk');
    this.opener.askAgain();
    this.changed();
  }

  #stop(): void {
    if (this.#leaveCapacity !== undefined) quietly(this.#leaveCapacity);
    this.shedding?.rest(this.stores.clock.now());
    this.#keeper.stop();
    this.#expiry.cancel();
    this.#reporter.stop();
  }
}
