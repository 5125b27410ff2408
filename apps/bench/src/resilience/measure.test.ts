import { expect, test } from 'vitest';
import { judgeScenario } from './measure.ts';
import type { BytesScenario, TimeScenario } from './scenario.ts';

const described = { name: 'case', title: 'a case', budget: 2 };
const time: TimeScenario = { ...described, kind: 'time', loop: 'awaited', operation: () => undefined };
const bytes: BytesScenario = { ...described, kind: 'bytes', budget: 400, maker: () => undefined };

test('times become ratios to the bare call of their own round', () => {
  const { figures, unit } = judgeScenario(time, { bare: [1, 10, 1], cryo: [1.5, 15, 1.5], peer: [4, 40, 4] });
  expect(figures.cryo).toEqual({ lower: 1.5, median: 1.5, upper: 1.5 });
  expect(figures.peer?.median).toBe(4);
  expect(unit).toBe('× bare call');
});

test('bytes are taken as they are', () => {
  expect(judgeScenario(bytes, { cryo: [300, 310, 320] }).figures.cryo?.median).toBe(310);
});
