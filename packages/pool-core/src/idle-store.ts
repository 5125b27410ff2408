/**
 * Owns the connections that lie idle, the last one used on top.
 * It must never know whether one of them is still good.
 */
import { assert } from '@cryo/resilience';
import type { PooledConnection } from './connection.ts';

/**
 * A stack threaded through its members, so that any of them can leave at once.
 *
 * ```text
 *   top ──► C (lent next) ──below──► B ──below──► A ◄── bottom (longest unused)
 *             ◄──────above──────      ◄──above──
 * ```
 */
export class IdleStore<Connection> {
  top: PooledConnection<Connection> | undefined;
  bottom: PooledConnection<Connection> | undefined;
  size = 0;

  /** The connection was just used: it is lent next. */
  push(connection: PooledConnection<Connection>): void {
    const { top } = this;
    if (connection.above !== undefined || connection === top) assert(false, 'an idle connection is stored once');
    connection.below = top;
    if (top === undefined) this.bottom = connection;
    else top.above = connection;
    this.top = connection;
    this.size++;
  }

  /** The connection was only looked at: it keeps the lowest place, so that checks don't make it young. */
  tuck(connection: PooledConnection<Connection>): void {
    if (this.bottom === undefined) return this.push(connection);
    connection.above = this.bottom;
    this.bottom.below = connection;
    this.bottom = connection;
    this.size++;
  }

  /** Takes out the one that is lent next. Only while there is one. */
  pop(): PooledConnection<Connection> {
    const top = this.top as PooledConnection<Connection>;
    const { below } = top;
    this.top = below;
    if (below === undefined) this.bottom = undefined;
    else below.above = undefined;
    top.below = undefined;
    this.size--;
    return top;
  }

  remove(connection: PooledConnection<Connection>): void {
    assert(connection.above !== undefined || connection === this.top, 'only an idle connection can leave the store');
    if (connection.above === undefined) this.top = connection.below;
    else connection.above.below = connection.below;
    if (connection.below === undefined) this.bottom = connection.above;
    else connection.below.above = connection.above;
    connection.above = undefined;
    connection.below = undefined;
    this.size--;
  }

  /** From the longest unused to the last used; a visited member may leave meanwhile. */
  *fromBottom(): Generator<PooledConnection<Connection>> {
    let connection = this.bottom;
    while (connection !== undefined) {
      const next: PooledConnection<Connection> | undefined = connection.above;
      yield connection;
      connection = next;
    }
  }

  /** Every idle connection must be checked before it is lent again. */
  suspectAll(): void {
    for (let connection = this.top; connection !== undefined; connection = connection.below)
      connection.freshUntilMs = 0;
  }
}
