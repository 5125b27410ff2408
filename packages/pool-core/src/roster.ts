/**
 * Owns every live slot of the pool and how many stand in each state; a count changes here or nowhere.
 * It must never know why a connection moves.
 */
import { assert } from '@cryo/resilience';
import type { ConnectionState, PooledConnection } from './connection.ts';
import type { ConnectionCounts } from './snapshot.ts';

/** The legal moves. A switch, because every lease makes two moves. */
function isLegal(from: ConnectionState, to: ConnectionState): boolean {
  switch (from) {
    case 'idle':
      return to === 'leased' || to === 'checking' || to === 'closing';
    case 'leased':
      return to === 'idle' || to === 'resetting' || to === 'closing';
    case 'checking':
    case 'resetting':
      return to === 'idle' || to === 'closing';
    case 'closing':
      return to === 'gone';
    case 'gone':
      return false;
  }
}

type Counts = { -readonly [State in keyof ConnectionCounts]: number };

function count(counts: Counts, state: ConnectionState, by: 1 | -1): void {
  switch (state) {
    case 'idle':
      counts.idle += by;
      break;
    case 'leased':
      counts.leased += by;
      break;
    case 'checking':
      counts.checking += by;
      break;
    case 'resetting':
      counts.resetting += by;
      break;
    case 'closing':
      counts.closing += by;
      break;
    case 'gone':
      break;
  }
}

/** All live connections, counted by state. A dial holds a slot before there is a connection. */
export class Roster<Connection> {
  readonly connections = new Set<PooledConnection<Connection>>();
  readonly #counts: Counts = { dialing: 0, idle: 0, checking: 0, leased: 0, resetting: 0, closing: 0 };
  /** Driver calls given up on that have not settled; they hold no slot. */
  abandoned = 0;
  peakLeased = 0;
  #slow = 0;
  /** Slots taken, dials included. */
  live = 0;
  // −0, so that it is written in place: see PooledConnection.
  #toldLeasedTimeMs = -0;

  get counts(): ConnectionCounts {
    return this.#counts;
  }

  /** Connections that will be free soon without a lease ending. */
  get arriving(): number {
    return this.#counts.checking + this.#counts.resetting - this.#slow;
  }

  /** Some check or reset takes long. */
  get someSlow(): boolean {
    return this.#slow > 0;
  }

  /** Its check or reset takes long: nobody should count on it until it is over. */
  markSlow(connection: PooledConnection<Connection>): void {
    if (connection.slow || (connection.state !== 'checking' && connection.state !== 'resetting')) return;
    connection.slow = true;
    this.#slow++;
  }

  /** Slots that are not on their way out. */
  get staying(): number {
    return this.live - this.#counts.closing;
  }

  /** Connections that serve now or will without a dial. */
  get usable(): number {
    const counts = this.#counts;
    return counts.idle + counts.checking + counts.leased + counts.resetting;
  }

  dialStarted(): void {
    this.#counts.dialing++;
    this.live++;
  }

  dialEnded(): void {
    assert(this.#counts.dialing > 0, 'a dial ends that never started');
    this.#counts.dialing--;
    this.live--;
  }

  /** Takes in a connection that a dial brought, which is about to be judged. */
  admit(connection: PooledConnection<Connection>): void {
    assert(!this.connections.has(connection), 'a connection is admitted once');
    this.connections.add(connection);
    assert(connection.state === 'checking', 'a connection is admitted before it is lent');
    this.#counts.checking++;
    this.live++;
  }

  /** The one transition function of a connection's state. */
  move(connection: PooledConnection<Connection>, to: ConnectionState, now: number): void {
    const from = connection.state;
    if (!isLegal(from, to)) assert(false, `a connection can't go from ${from} to ${to}`);
    if (to === 'leased') return this.lend(connection, now);
    connection.cutCall = undefined;
    if (connection.slow) {
      connection.slow = false;
      this.#slow--;
    }
    count(this.#counts, from, -1);
    count(this.#counts, to, 1);
    connection.state = to;
    if (to === 'gone') {
      this.connections.delete(connection);
      this.live--;
    }
  }

  /** From idle to leased, without a look whether it is idle: what the idle store gives is. Every lease makes this move and the next. */
  lend(connection: PooledConnection<Connection>, now: number): void {
    connection.uses++;
    const counts = this.#counts;
    counts.idle--;
    counts.leased++;
    connection.state = 'leased';
    connection.leasedAtMs = now;
    if (counts.leased > this.peakLeased) this.peakLeased = counts.leased;
  }

  /** From leased to idle, as {@link move} does it. */
  takeHome(connection: PooledConnection<Connection>): void {
    if (connection.state !== 'leased') assert(false, 'a leased connection comes home');
    const counts = this.#counts;
    counts.leased--;
    counts.idle++;
    connection.state = 'idle';
  }

  /** From one lease to the next, without a moment between. */
  handOver(connection: PooledConnection<Connection>, now: number): void {
    if (connection.state !== 'leased') assert(false, 'a leased connection is handed over');
    connection.uses++;
    connection.leasedAtMs = now;
  }

  /** Connection-milliseconds leased since the start. @param endedMs of the leases that ended */
  leasedTimeMs(now: number, endedMs: number): number {
    let leasedTimeMs = endedMs;
    for (const { state, leasedAtMs } of this.connections) {
      if (state === 'leased' && now > leasedAtMs) leasedTimeMs += now - leasedAtMs;
    }
    // A sum of fractions is rounded one way now and another then, but what was told once never falls.
    this.#toldLeasedTimeMs = Math.max(this.#toldLeasedTimeMs, leasedTimeMs);
    return this.#toldLeasedTimeMs;
  }
}
