import { InvalidOptionsError } from '@cryo/resilience';
import { describe, expect, test } from 'vitest';
import { replay, simulate } from './run.ts';

describe('a simulation', { timeout: 60_000 }, () => {
  test('gives the same report for the same options, and says how far it is', async () => {
    const told: number[] = [];
    const options = { runs: 10, seed: 3, steps: 60 };
    const report = await simulate({ ...options, onProgress: ({ runs }) => told.push(runs) });
    expect(report).toEqual({ runs: 10, steps: 610, failures: [] });
    expect(await simulate(options)).toEqual(report);
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('replays a seed line by line, and another seed differently', async () => {
    const [one, again, other] = [
      await replay(5, { steps: 300 }),
      await replay(5, { steps: 300 }),
      await replay(6, { steps: 300 }),
    ];
    expect(one.trace.length).toBeGreaterThan(300);
    expect(again).toEqual(one);
    expect(other.trace).not.toEqual(one.trace);
  });

  test('names every option that it can not use', async () => {
    await expect(simulate({ runs: -1, seed: Number.NaN, steps: 0.5 })).rejects.toThrow(InvalidOptionsError);
    await expect(simulate({ runs: -1, seed: Number.NaN, steps: 0.5 })).rejects.toThrow(
      /runs is -1.*seed is NaN.*steps is 0.5/,
    );
    await expect(replay(0.5, { steps: 10 })).rejects.toThrow(/seed is 0.5/);
    await expect(simulate(undefined as never)).rejects.toThrow(/runs is undefined/);
    await expect(replay(1, undefined as never)).rejects.toThrow(/steps is undefined/);
  });
});
