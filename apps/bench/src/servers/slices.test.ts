import { expect, test } from 'vitest';
import { overReference, runSlice, takeSlices } from './slices.ts';

test('each figure is compared with that of the reference in the same round', () => {
  const slices = {
    theirs: [
      { perOperationMs: 2, p99Ms: 10, processorMs: 1 },
      { perOperationMs: 4, p99Ms: 40, processorMs: 2 },
    ],
    cryo: [
      { perOperationMs: 1, p99Ms: 20, processorMs: 1 },
      { perOperationMs: 1, p99Ms: 20, processorMs: 1 },
    ],
  };
  expect(overReference(slices, 'theirs')).toEqual({
    perOperationMs: { cryo: [0.5, 0.25] },
    p99Ms: { cryo: [2, 0.5] },
    processorMs: { cryo: [1, 0.5] },
  });
});

test('a slice never has more operations at once than callers, and leaves none behind', async () => {
  let [now, most] = [0, 0];
  const ask = async () => {
    most = Math.max(most, ++now);
    await new Promise((answered) => setImmediate(answered));
    now--;
  };
  const { perOperationMs, p99Ms, processorMs } = await runSlice(ask, { callers: 4, lengthMs: 5 });
  expect({ most, now }).toEqual({ most: 4, now: 0 });
  expect(perOperationMs).toBeGreaterThan(0);
  expect(p99Ms).toBeGreaterThan(0);
  expect(processorMs).toBeGreaterThan(0);
});

test('every contender has a slice in each round, and another is first each time', async () => {
  const firsts: string[] = [];
  const asking = (name: string) => async () => {
    if (firsts.at(-1) !== name) firsts.push(name);
    await new Promise((answered) => setImmediate(answered));
  };
  const options = { callers: 1, lengthMs: 1 };
  const slices = await takeSlices({ a: asking('a'), b: asking('b') }, 2, options);
  expect(Object.entries(slices).map(([name, all]) => [name, all.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ]);
  expect(firsts).toEqual(['a', 'b', 'a']);
});

test('an operation that fails fails the slice', async () => {
  const failing = () => Promise.reject(new Error('no such table'));
  await expect(runSlice(failing, { callers: 2, lengthMs: 1 })).rejects.toThrow('no such table');
});
