/**
 * Owns the dials: whether one should start, how many run at once, and what becomes of each.
 * It must never know which request a connection will serve: a cancelled request never cancels a dial.
 */
import { PooledConnection } from './connection.ts';
import { unservedDemand } from './demand.ts';
import { DialSchedule, EARLY_PROBE, SLOW_DIAL_MS } from './dial-schedule.ts';
import { type Dial, isUnanswered, nextSlowAtMs, slowDials } from './dials.ts';
import type { DialDesk } from './dispatcher.ts';
import { classifyError, destroyQuietly } from './driver.ts';
import { DriverCall } from './driver-call.ts';
import { Forecast, worthMs } from './forecast.ts';
import { quietly } from './quietly.ts';
import { drawExpiryMs } from './retirement.ts';
import type { Stores } from './stores.ts';
import { Wake } from './wake.ts';

/** Demand that seems covered is judged again after this time in ms while nobody knows what a dial takes. */
const REJUDGE_MS = 10;

/** Who takes over from the opener. */
export interface Arrivals<Connection> {
  /** A dialed connection takes its place in the pool. */
  arrived(connection: PooledConnection<Connection>, dialMs: number): void;
  /** A store changed: somebody should decide anew. */
  changed(): void;
}

export class Opener<Connection, Grant> implements DialDesk {
  readonly schedule: DialSchedule;
  /** Idle connections whose life ends soon and whose replacement should be there first. */
  replacements = 0;
  readonly #stores: Stores<Connection, Grant>;
  readonly #arrivals: Arrivals<Connection>;
  readonly #dials = new Set<Dial<Connection>>();
  #lastStartedAtMs = Number.NEGATIVE_INFINITY;
  #lastSuccessAtMs = Number.NEGATIVE_INFINITY;
  #deferredUntilMs = Number.NEGATIVE_INFINITY;
  readonly #wake: Wake;
  readonly #forecast: Forecast<Connection>;
  #connectionsNumbered = 0;

  constructor(stores: Stores<Connection, Grant>, arrivals: Arrivals<Connection>) {
    this.#stores = stores;
    this.#arrivals = arrivals;
    this.schedule = new DialSchedule(stores);
    this.#forecast = new Forecast(stores);
    this.#wake = new Wake(stores.timers, () => {
      this.#forecast.expire();
      arrivals.changed();
    });
  }

  get hopeless(): boolean {
    const { schedule } = this;
    // A full server frees a place sooner or later: that is worth waiting for.
    return schedule.down && this.#stores.roster.usable === 0 && !schedule.serverFull(this.#stores.clock.now());
  }

  get saturated(): boolean {
    const { roster, bounds } = this.#stores;
    return roster.live >= bounds.max && !this.schedule.down;
  }

  wants(now: number): boolean {
    return this.#room() && this.#needed(now) && this.#mayStartAtMs(now) <= now;
  }

  /** Starts one dial, if the breaker and the shared capacity give leave. */
  open(now: number): void {
    const { capacity, guests, settings, roster, calls, driver, events, metrics } = this.#stores;
    this.#lastStartedAtMs = now;
    if (!guests.ask('capacity.tryTake', () => capacity.tryTake(), false)) return this.#defer(now);
    const ticket = this.schedule.begin(now);
    if (ticket === undefined) {
      quietly(() => capacity.give());
      return this.#defer(now);
    }
    // The breaker told its listeners, who may have closed or shrunk the pool.
    if (this.#stores.lifecycle !== 'open' || !this.#room()) {
      this.schedule.cut(ticket);
      return quietly(() => capacity.give());
    }
    const dial: Dial<Connection> = {
      connection: ++this.#connectionsNumbered,
      ticket,
      generation: this.#stores.generation,
      slowAtMs: now + this.#slowAfterMs(),
      call: undefined,
    };
    this.#dials.add(dial);
    roster.dialStarted();
    metrics.dialStarted(ticket.attempt);
    dial.call = new DriverCall<Connection>(
      calls,
      { phase: 'open', timeoutMs: settings.connect.timeoutMs },
      {
        succeeded: (resource) => this.#succeeded(dial, resource),
        failed: (error, slot) => this.#failed(dial, error, slot),
        freed: () => this.#freed(dial),
        late: (resource) => this.#discard(dial, resource),
      },
    );
    dial.call.begin((context) => driver.open(context));
    events.emit('dial-started', { connection: dial.connection, attempt: ticket.attempt, probe: ticket.probe });
  }

  /** What was refused may be given now. */
  askAgain(): void {
    this.#deferredUntilMs = 0;
  }

  /** Ends every dial under way; what arrives after all is destroyed. */
  cutAll(reason: unknown): void {
    this.#wake.cancel();
    for (const dial of [...this.#dials]) dial.call?.cut(reason);
  }

  /** Sets the one timer for what only time will change. */
  rest(now: number): void {
    const { lifecycle, queue, readyWaiters, roster, bounds } = this.#stores;
    if (roster.usable >= bounds.max && this.schedule.readyAtMs(now) <= now) this.schedule.full();
    const atMs = lifecycle === 'open' && this.#room() ? this.#nextJudgementMs(now) : Number.POSITIVE_INFINITY;
    this.#wake.by(atMs, now, { background: queue.size === 0 && readyWaiters === 0 });
  }

  /** Four times what dials take, but no more than a quarter of their time limit: one slow dial long ago must not hide a hung one. */
  #slowAfterMs(): number {
    const { metrics, settings } = this.#stores;
    return Math.max(SLOW_DIAL_MS, Math.min(4 * metrics.dialTime.quantile(0.95), settings.connect.timeoutMs / 4));
  }

  #room(): boolean {
    const { roster, bounds } = this.#stores;
    return roster.live < bounds.max && roster.abandoned < bounds.max;
  }

  #needed(now: number): boolean {
    const { roster, bounds } = this.#stores;
    if (this.schedule.down || roster.live < bounds.min + this.replacements) return true;
    return this.#demand(now) > 0;
  }

  #demand(now: number): number {
    const { roster, queue } = this.#stores;
    if (queue.size === 0) return 0;
    const dialMs = this.#stores.dialMs.value;
    return unservedDemand({
      waiting: queue.size,
      oldestWaitMs: now - queue.oldestSinceMs,
      // Whoever is shed waits no longer for anything to be proved.
      busyMs: queue.sheddingSinceMs === undefined ? now - queue.busySinceMs : Number.POSITIVE_INFINITY,
      arriving: roster.arriving,
      dialing: roster.counts.dialing - slowDials(this.#dials, now),
      leased: roster.counts.leased,
      returns: this.#forecast.returns(dialMs, now),
      dialMs,
    });
  }

  /** `Infinity` while only an event can tell. */
  #mayStartAtMs(now: number): number {
    const { connect, breaker } = this.#stores.settings;
    const slow = slowDials(this.#dials, now);
    const concurrency = this.schedule.isSerial(now) || this.schedule.down ? 1 : connect.concurrency;
    if (this.#dials.size - slow >= concurrency) return nextSlowAtMs(this.#dials, now);
    const probeIntervalMs = breaker === false ? connect.initialDelayMs : breaker.probeIntervalMs;
    const besideSlowAtMs = isUnanswered(this.#dials, now, this.#lastSuccessAtMs)
      ? this.#lastStartedAtMs + EARLY_PROBE * probeIntervalMs
      : now;
    return Math.max(besideSlowAtMs, this.#deferredUntilMs, this.schedule.readyAtMs(now));
  }

  #nextJudgementMs(now: number): number {
    if (this.#needed(now)) return Math.max(now, this.#mayStartAtMs(now));
    if (this.#stores.queue.size === 0) return Number.POSITIVE_INFINITY;
    const dialMs = this.#stores.dialMs.value;
    return now + (dialMs === 0 ? REJUDGE_MS : worthMs(dialMs));
  }

  #succeeded(dial: Dial<Connection>, resource: Connection): void {
    const { clock, roster, metrics, settings, random } = this.#stores;
    const now = clock.now();
    // An answer that waited behind a blocked event loop took no longer than its time limit.
    const dialMs = Math.min(now - dial.ticket.startedAtMs, settings.connect.timeoutMs);
    const connection = new PooledConnection<Connection>({
      id: dial.connection,
      resource,
      bornAtMs: now,
      expiresAtMs: drawExpiryMs(now, settings.retirement, random),
      generation: dial.generation,
    });
    connection.vouch(now, settings.validation.bypassMs);
    this.#dials.delete(dial);
    this.#forecast.expire();
    this.#lastSuccessAtMs = now;
    roster.dialEnded();
    roster.admit(connection);
    this.#stores.dialMs.observe(dialMs);
    metrics.dialSucceeded(dialMs, dial.ticket.attempt);
    // The breaker tells its listeners, who may call the pool: by now the slot has passed from the dial to the connection.
    this.schedule.succeeded(dial.ticket);
    this.#arrivals.arrived(connection, dialMs);
  }

  #failed(dial: Dial<Connection>, error: unknown, slot: 'free' | 'held'): void {
    const { driver, clock, metrics, events, redactor, lifecycle } = this.#stores;
    if (lifecycle === 'closing' || lifecycle === 'closed') this.schedule.cut(dial.ticket);
    else {
      // A call that still holds its slot gave no answer in time: there is no error of the driver's to judge.
      const decided = slot === 'held' ? 'server-unavailable' : classifyError(driver, error, 'open');
      const errorClass =
        decided === 'connection-lost' || decided === 'statement' || decided === 'conflict'
          ? 'server-unavailable'
          : decided;
      const masked = redactor.mask(error);
      const retryInMs = this.schedule.failed(dial.ticket, { error: masked, errorClass }, clock.now());
      metrics.dialFailed(errorClass, dial.ticket.attempt);
      events.emit('dial-failed', { connection: dial.connection, error: masked, errorClass, retryInMs });
    }
    if (slot === 'free') return this.#freed(dial);
    dial.slowAtMs = Math.min(dial.slowAtMs, clock.now());
    this.#arrivals.changed();
  }

  #freed(dial: Dial<Connection>): void {
    this.#dials.delete(dial);
    this.#stores.roster.dialEnded();
    quietly(() => this.#stores.capacity.give());
    this.#arrivals.changed();
  }

  /** A connection that nobody waits for any more. It was never the pool's, so it is counted as closed, not as created. */
  #discard(dial: Dial<Connection>, resource: Connection): void {
    const { driver, metrics, events } = this.#stores;
    destroyQuietly(driver, resource);
    metrics.connectionClosed('late');
    events.emit('connection-closed', { connection: dial.connection, reason: 'late', ageMs: 0 });
  }

  /** Leave was refused though nothing here forbids the dial: ask again a little later. */
  #defer(now: number): void {
    this.#deferredUntilMs = now + this.#stores.settings.connect.initialDelayMs;
  }
}
