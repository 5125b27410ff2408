import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
import { type Kept, KeyStore } from './key-store.ts';

const RANKS = 3;

interface Row {
  readonly key: string;
  readonly value: number;
  rank: number;
  usedAt: number;
}

/** The same by the definition: a list from the least to the most recently used, looked through from the start every time. */
class NaiveStore {
  rows: Row[] = [];

  find(key: string): Row | undefined {
    return this.rows.find((row) => row.key === key);
  }

  use(row: Row, rank: number, now: number): void {
    this.rows = [...this.rows.filter((other) => other !== row), Object.assign(row, { rank, usedAt: now })];
  }

  order(): Row[] {
    return [0, 1, 2].flatMap((rank) => this.rows.filter((row) => row.rank === rank));
  }
}

function plain(kept: Kept<number> | undefined): string {
  return kept === undefined ? 'none' : `${kept.key}: ${kept.value}, ${kept.rank}, ${kept.usedAt}`;
}

test('Whatever happens to a store, it holds what a plain list would, in the order in which that would let it go.', () => {
  const operation = fc.record({
    what: fc.constantFrom('add', 'use', 'move', 'delete'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', '', '__proto__', 'constructor'),
    rank: fc.integer({ min: 0, max: RANKS - 1 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80, size: 'large' }), (operations) => {
      const store = new KeyStore<number>(RANKS);
      const naive = new NaiveStore();
      operations.forEach(({ what, key, rank }, now) => {
        const row = naive.find(key);
        if (what === 'add' && row === undefined) {
          store.add(key, now, now);
          naive.rows.push({ key, value: now, rank: 0, usedAt: now });
        }
        const kept = what === 'use' ? store.find(key) : undefined;
        if (kept !== undefined) store.use(kept, now);
        if (what === 'use' && row !== undefined) naive.use(row, row.rank, now);
        if (what === 'move') expect(store.move(key, rank, now)).toBe(row !== undefined);
        if (what === 'move' && row !== undefined) naive.use(row, rank, now);
        if (what === 'delete') expect(store.delete(key)).toBe(row !== undefined);
        if (what === 'delete') naive.rows = naive.rows.filter((other) => other !== row);
        const order = naive.order();
        const found = [store.first(), store.firstOf(rank), store.find(key), ...store.all()];
        const expected = [order[0], order.find((other) => other.rank === rank), naive.find(key), ...order];
        expect([store.size, ...found.map(plain)]).toEqual([order.length, ...expected.map(plain)]);
      });
    }),
    { numRuns: 200 },
  );
});

test('Looking at what a key holds is no use of it.', () => {
  const store = new KeyStore<number>(1);
  store.add('a', 1, 0);
  store.add('b', 2, 0);
  const kept = store.find('a');
  expect(store.first()?.key).toBe('a');
  if (kept !== undefined) store.use(kept, 1);
  expect(store.first()?.key).toBe('b');
});

test('A rank that the store was not made with is a bug.', () => {
  const store = new KeyStore<number>(1);
  expect(() => store.firstOf(1)).toThrow(AssertionError);
});
