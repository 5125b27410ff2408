import { expect, test } from 'vitest';
import { type Contender, measureRounds, nextTimes, rotated } from './rounds.ts';

/** Contenders that cost a fixed time per operation, on a clock that only they move. */
function world(costs: Readonly<Record<string, number>>) {
  let nowMs = 0;
  const slices: { readonly name: string; readonly times: number }[] = [];
  const contenders: Contender[] = Object.entries(costs).map(([name, costMs]) => ({
    name,
    slice(times) {
      slices.push({ name, times });
      nowMs += costMs * times;
    },
  }));
  const options = { now: () => nowMs, turn: async () => {}, warmUpMs: 0 };
  return { contenders, slices, options };
}

test('each contender goes first as often as any other', () => {
  expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round))).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c', 'a'],
    ['c', 'a', 'b'],
    ['a', 'b', 'c'],
  ]);
  expect(rotated([], 5)).toEqual([]);
});

test('every round holds one slice of each contender, begun one place further each time', async () => {
  const { contenders, slices, options } = world({ a: 1, b: 1, c: 1 });
  await measureRounds(contenders, { ...options, rounds: 3 });
  const [warmUps, measured] = [slices.slice(0, 3), slices.slice(3)];
  expect(warmUps.map(({ name }) => name).join('')).toBe('abc');
  expect(measured.map(({ name }) => name).join('')).toBe('abcbcacab');
});

test('what is answered is the time of one operation, however many a slice had', async () => {
  const { contenders, options } = world({ quick: 0.25, slow: 8 });
  const costs = await measureRounds(contenders, { ...options, rounds: 4 });
  expect(Object.fromEntries(costs)).toEqual({ quick: [0.25, 0.25, 0.25, 0.25], slow: [8, 8, 8, 8] });
});

test('slices become about 3 ms long, and hold one operation where even that takes longer', async () => {
  const { contenders, slices, options } = world({ quick: 0.001, slow: 50 });
  await measureRounds(contenders, { ...options, rounds: 12 });
  const last = (wanted: string) => slices.findLast(({ name }) => name === wanted)?.times;
  expect(last('quick')).toBe(3000);
  expect(last('slow')).toBe(1);
});

test('the length of a slice changes by a factor of four at most, so that one hiccup does not throw it off', () => {
  expect(nextTimes(1000, 3)).toBe(1000);
  expect(nextTimes(1000, 300)).toBe(250);
  expect(nextTimes(1000, 0.001)).toBe(4000);
  expect(nextTimes(1, 0)).toBe(4);
  expect(nextTimes(1, 500)).toBe(1);
});

test('a contender runs for its warm-up before the first round', async () => {
  const { contenders, slices, options } = world({ only: 1 });
  await measureRounds(contenders, { ...options, warmUpMs: 20, rounds: 1 });
  const warmUp = slices.slice(0, -1).reduce((sum, { times }) => sum + times, 0);
  expect(warmUp).toBeGreaterThanOrEqual(20);
});
