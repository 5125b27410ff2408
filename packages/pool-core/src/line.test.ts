import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Chunk, Line } from './line.ts';

type Entry = (() => void) | { readonly name: number };

interface Standing {
  readonly entry: Entry;
  readonly sinceMs: number;
  readonly chunk: Chunk<Entry>;
  readonly index: number;
}

const TIMEOUT_MS = 30_000;

/** What many do at once: a chunk has 512 places, and only crowds reach its edges. */
const crowds = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant('come' as const), count: fc.integer({ min: 1, max: 1_400 }), timed: fc.boolean() }),
    fc.record({ act: fc.constant('served' as const), count: fc.integer({ min: 1, max: 1_400 }) }),
    fc.record({ act: fc.constant('newest' as const), count: fc.integer({ min: 1, max: 1_400 }) }),
    // From somewhere on, so many in a row, as a share of those who wait.
    fc.record({
      act: fc.constant('leave' as const),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  ),
  { minLength: 1, maxLength: 12 },
);

test('a line keeps its order and its first deadline, whoever comes, is served and leaves, a thousand at a time', () => {
  fc.assert(
    fc.property(crowds, (acts) => {
      const line = new Line<Entry>(TIMEOUT_MS);
      const standing: Standing[] = [];
      let now = 0;
      const leave = ({ entry, chunk, index }: Standing) => expect(line.leave(chunk, index)).toBe(entry);
      for (const act of acts) {
        if (act.act === 'come') {
          for (let count = 0; count < act.count; count++) {
            const entry: Entry = act.timed ? () => {} : { name: now };
            const chunk = line.push(entry, ++now);
            standing.push({ entry, sinceMs: now, chunk, index: line.lastIndex });
          }
        } else if (act.act === 'served') {
          for (const { entry } of standing.splice(0, act.count)) expect(line.shift()).toBe(entry);
        } else if (act.act === 'newest') {
          for (let count = 0; count < act.count && standing.length > 0; count++) {
            const newest = standing.pop() as Standing;
            expect(line.newest).toEqual({ chunk: newest.chunk, index: newest.index });
            leave(newest);
          }
        } else {
          const from = Math.floor(act.from * standing.length);
          standing.splice(from, Math.ceil(act.share * standing.length)).forEach(leave);
        }
        const first = standing.find(({ entry }) => typeof entry === 'function');
        expect(line.nextDeadlineMs()).toBe(first === undefined ? Number.POSITIVE_INFINITY : first.sinceMs + TIMEOUT_MS);
        expect(line.size).toBe(standing.length);
        if (standing.length > 0) expect(line.firstSinceMs).toBe(standing[0]?.sinceMs);
      }
      for (const { entry } of standing) expect(line.shift()).toBe(entry);
      expect(line.size).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test('a chunk that everybody left is let go, however many stand before and behind it', () => {
  const line = new Line<Entry>(TIMEOUT_MS);
  const standing: Standing[] = [];
  for (let now = 0; now < 512 * 40; now++) {
    const entry = { name: now };
    standing.push({ entry, sinceMs: now, chunk: line.push(entry, now), index: line.lastIndex });
  }
  const last = standing.at(-1) as Standing;
  for (const { chunk, index } of standing.slice(1, -1)) line.leave(chunk, index);
  let chunks = 1;
  for (let { chunk } = standing[0] as Standing; chunk.newer !== undefined; chunk = chunk.newer) chunks++;
  expect(chunks).toBe(2);
  expect(line.shift()).toBe(standing[0]?.entry);
  expect(line.shift()).toBe(last.entry);
});
