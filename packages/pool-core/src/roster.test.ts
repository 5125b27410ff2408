import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectionState, PooledConnection } from './connection.ts';
import { Roster } from './roster.ts';

function admitted(roster: Roster<string>, id = 1): PooledConnection<string> {
  const connection = new PooledConnection({ id, resource: 'x', bornAtMs: 0, expiresAtMs: Infinity, generation: 0 });
  roster.admit(connection);
  return connection;
}

describe('the roster', () => {
  it('counts a dial as a live slot before there is a connection', () => {
    const roster = new Roster<string>();
    roster.dialStarted();
    expect(roster.live).toBe(1);
    expect(roster.usable).toBe(0);
    roster.dialEnded();
    expect(roster.live).toBe(0);
  });

  it('refuses an illegal move, naming it', () => {
    const roster = new Roster<string>();
    const connection = admitted(roster);
    expect(() => roster.move(connection, 'leased', 0)).toThrow("can't go from checking to leased");
    roster.move(connection, 'closing', 0);
    roster.move(connection, 'gone', 0);
    expect(() => roster.move(connection, 'idle', 0)).toThrow("can't go from gone to idle");
  });

  it('refuses to end a dial that never started', () => {
    expect(() => new Roster<string>().dialEnded()).toThrow('never started');
  });

  it('remembers the most connections ever leased at once', () => {
    const roster = new Roster<string>();
    const both = [admitted(roster, 1), admitted(roster, 2)];
    for (const connection of both) roster.move(connection, 'idle', 0);
    for (const connection of both) roster.move(connection, 'leased', 0);
    for (const connection of both) roster.move(connection, 'idle', 5);
    expect(roster.peakLeased).toBe(2);
  });

  it('adds the leases in force to those that ended, also across a reading in between', () => {
    const roster = new Roster<string>();
    const connection = admitted(roster);
    roster.move(connection, 'idle', 0);
    roster.move(connection, 'leased', 10);
    expect(roster.leasedTimeMs(30, 0)).toBe(20);
    roster.move(connection, 'idle', 40);
    expect(roster.leasedTimeMs(1_000, 30)).toBe(30);
  });

  it('counts a use for each lease, however it began', () => {
    const roster = new Roster<string>();
    const connection = admitted(roster);
    roster.move(connection, 'idle', 0);
    roster.lend(connection, 1);
    roster.handOver(connection, 2);
    roster.takeHome(connection);
    roster.move(connection, 'leased', 3);
    expect(connection).toMatchObject({ uses: 3, leasedAtMs: 3 });
  });

  it('never takes back leased time that it told', () => {
    const roster = new Roster<string>();
    expect(roster.leasedTimeMs(0, 30)).toBe(30);
    expect(roster.leasedTimeMs(0, 29.999)).toBe(30);
  });

  it('has counts that add up and a true leased time under any sequence of legal moves', () => {
    const move = fc.record({
      pick: fc.nat(4),
      to: fc.constantFrom<ConnectionState>('idle', 'checking', 'leased', 'resetting', 'closing', 'gone'),
      elapsedMs: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        const roster = new Roster<string>();
        const all = Array.from({ length: 5 }, (_, id) => admitted(roster, id));
        let now = 0;
        let leasedTimeMs = 0;
        let endedMs = 0;
        for (const { pick, to, elapsedMs } of moves) {
          leasedTimeMs += elapsedMs * all.filter(({ state }) => state === 'leased').length;
          now += elapsedMs;
          const connection = all[pick] as PooledConnection<string>;
          const heldMs = connection.state === 'leased' ? now - connection.leasedAtMs : 0;
          try {
            roster.move(connection, to, now);
            endedMs += heldMs;
          } catch {
            // An illegal move changes nothing, which the checks below see.
          }
          const leased = all.filter(({ state }) => state === 'leased');
          expect(roster.live).toBe(all.filter(({ state }) => state !== 'gone').length);
          expect(roster.connections.size).toBe(roster.live);
          expect(roster.counts.leased).toBe(leased.length);
          expect(roster.leasedTimeMs(now, endedMs)).toBeCloseTo(leasedTimeMs);
        }
      }),
    );
  });
});
