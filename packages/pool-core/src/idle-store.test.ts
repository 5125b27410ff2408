import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PooledConnection } from './connection.ts';
import { IdleStore } from './idle-store.ts';

function connections(count: number): PooledConnection<number>[] {
  return Array.from(
    { length: count },
    (_, id) => new PooledConnection({ id, resource: id, bornAtMs: 0, expiresAtMs: Infinity, generation: 0 }),
  );
}

function upward(store: IdleStore<number>): number[] {
  return [...store.fromBottom()].map((connection) => connection.id);
}

describe('the idle store', () => {
  it('lends the connection that was used last', () => {
    const store = new IdleStore<number>();
    for (const connection of connections(3)) store.push(connection);
    expect(store.top?.id).toBe(2);
    expect(store.bottom?.id).toBe(0);
  });

  it('keeps a connection that was only looked at in the lowest place', () => {
    const store = new IdleStore<number>();
    const [first, second, third] = connections(3);
    store.push(first as PooledConnection<number>);
    store.push(second as PooledConnection<number>);
    store.tuck(third as PooledConnection<number>);
    expect(upward(store)).toEqual([2, 0, 1]);
  });

  it('refuses to store a connection twice or to remove one that is not there', () => {
    const store = new IdleStore<number>();
    const [first, second] = connections(2) as [PooledConnection<number>, PooledConnection<number>];
    store.push(first);
    expect(() => store.push(first)).toThrow('stored once');
    expect(() => store.remove(second)).toThrow('only an idle connection');
  });

  it('lets a visited member leave while others are still to be visited', () => {
    const store = new IdleStore<number>();
    for (const connection of connections(4)) store.push(connection);
    const visited: number[] = [];
    for (const connection of store.fromBottom()) {
      visited.push(connection.id);
      store.remove(connection);
    }
    expect(visited).toEqual([0, 1, 2, 3]);
    expect(store.size).toBe(0);
  });

  it('makes every member suspect', () => {
    const store = new IdleStore<number>();
    for (const connection of connections(3)) {
      connection.prove(0, 500);
      store.push(connection);
    }
    store.suspectAll();
    expect([...store.fromBottom()].map((connection) => connection.freshUntilMs)).toEqual([0, 0, 0]);
  });

  it('agrees with a plain array under any sequence of pushes, tucks and removals', () => {
    const action = fc.record({ kind: fc.constantFrom('push', 'tuck', 'remove'), pick: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const store = new IdleStore<number>();
        const all = connections(10);
        let model: number[] = [];
        for (const { kind, pick } of actions) {
          const connection = all[pick] as PooledConnection<number>;
          const stored = model.includes(pick);
          if (kind === 'remove' && stored) {
            store.remove(connection);
            model = model.filter((id) => id !== pick);
          } else if (kind === 'push' && !stored) {
            store.push(connection);
            model = [...model, pick];
          } else if (kind === 'tuck' && !stored) {
            store.tuck(connection);
            model = [pick, ...model];
          }
          expect(upward(store)).toEqual(model);
          expect(store.size).toBe(model.length);
          expect(store.top?.id).toBe(model.at(-1));
        }
      }),
    );
  });
});
