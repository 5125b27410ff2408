/**
 * Owns the search for leases that were never given back: whose stack to capture, whom to report, what to reclaim.
 * It must never touch a lease that is younger than the limits say.
 */
import type { PooledConnection } from './connection.ts';
import { LeaseReleasedError } from './errors.ts';
import type { Returner } from './returner.ts';
import type { Stores } from './stores.ts';

/** After a leak was seen, stacks are captured for its label for this long, in ms. */
const CAPTURE_FOR_MS = 600_000;
/** Then one acquire in so many carries its stack. */
const CAPTURE_ONE_IN = 16;
/** More labels than this are not remembered: labels may be made up per request. */
const LABELS_REMEMBERED = 256;

/** A label that leaked, and how often it acquired since. */
interface Suspect {
  readonly untilMs: number;
  acquires: number;
}

export class LeakWatch<Connection, Grant> {
  readonly #stores: Stores<Connection, Grant>;
  readonly #returner: Returner<Connection, Grant>;
  readonly #suspects = new Map<string | undefined, Suspect>();

  constructor(stores: Stores<Connection, Grant>, returner: Returner<Connection, Grant>) {
    this.#stores = stores;
    this.#returner = returner;
    this.attentive = stores.settings.leak.stacks === 'always';
  }

  /** Whether any stack may be captured at all; a plain field, since every acquire asks. */
  attentive: boolean;

  /** The stack of whoever acquires, when this acquire is one to remember. */
  captureStack(label: string | undefined): string | undefined {
    const { stacks } = this.#stores.settings.leak;
    if (stacks === 'off') return undefined;
    if (stacks === 'after-first') {
      if (this.#suspects.size === 0 || !this.#isDue(label)) return undefined;
    }
    return new Error('acquired here').stack;
  }

  /** Reports leases past `warnAfterMs` once each, and reclaims those past `reclaimAfterMs`. */
  scan(now: number): void {
    const { roster, settings } = this.#stores;
    const { warnAfterMs, reclaimAfterMs } = settings.leak;
    for (const connection of [...roster.connections]) {
      if (connection.state !== 'leased') continue;
      const { stamp } = connection;
      const heldMs = now - connection.leasedAtMs;
      if (heldMs >= warnAfterMs && connection.details?.leakReported !== true) this.#report(connection, heldMs, now);
      // Whoever is told may give it back, and then it may be somebody else's.
      if (heldMs >= reclaimAfterMs && connection.stamp === stamp) this.#reclaim(connection, heldMs);
    }
  }

  /** Nobody can release this lease any more: its holder let go of it. */
  dropped(connection: PooledConnection<Connection>): void {
    const { events, clock, settings, metrics } = this.#stores;
    const heldMs = clock.now() - connection.leasedAtMs;
    const { label, acquireStack: stack } = connection.detail();
    metrics.leasesDropped.add();
    this.#returner.revoke(connection, 'reclaimed', new LeaseReleasedError(settings.name, { label }));
    events.emit('lease-dropped', { connection: connection.id, heldMs, label, stack });
  }

  #report(connection: PooledConnection<Connection>, heldMs: number, now: number): void {
    const { events, metrics } = this.#stores;
    const details = connection.detail();
    details.leakReported = true;
    const { label, acquireStack: stack } = details;
    this.#remember(label, now);
    metrics.leaks.add();
    events.emit('leak-suspected', { connection: connection.id, heldMs, label, stack });
  }

  #reclaim(connection: PooledConnection<Connection>, heldMs: number): void {
    const { events, settings, metrics } = this.#stores;
    const { label, acquireStack: stack } = connection.detail();
    metrics.leasesReclaimed.add();
    this.#returner.revoke(connection, 'reclaimed', new LeaseReleasedError(settings.name, { label }));
    events.emit('lease-reclaimed', { connection: connection.id, heldMs, label, stack });
  }

  #remember(label: string | undefined, now: number): void {
    if (this.#suspects.size >= LABELS_REMEMBERED) this.#suspects.clear();
    const acquires = this.#suspects.get(label)?.acquires ?? 0;
    this.#suspects.set(label, { untilMs: now + CAPTURE_FOR_MS, acquires });
    this.attentive = this.#stores.settings.leak.stacks !== 'off';
  }

  #isDue(label: string | undefined): boolean {
    const suspect = this.#suspects.get(label);
    if (suspect === undefined) return false;
    if (this.#stores.clock.now() < suspect.untilMs) return suspect.acquires++ % CAPTURE_ONE_IN === 0;
    this.#suspects.delete(label);
    this.attentive = this.#suspects.size > 0;
    return false;
  }
}
