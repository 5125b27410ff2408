import { expect, test } from 'vitest';
import { comparable, judgeScenario } from './measure.ts';
import type { BytesScenario, TimeScenario } from './scenario.ts';

const described = { name: 'case', title: 'a case', budget: 2 };
const time: TimeScenario = { ...described, kind: 'time', loop: 'awaited', operation: () => undefined };
const bytes: BytesScenario = { ...described, kind: 'bytes', budget: 400, maker: () => undefined };

test('times become ratios to the bare call of their own round', () => {
  const figures = comparable(time, { bare: [1, 10, 1], cryo: [1.5, 15, 1.5] });
  expect(figures).toEqual({ bare: [1, 1, 1], cryo: [1.5, 1.5, 1.5] });
  expect(judgeScenario(time, figures)).toMatchObject({ unit: '× bare call', verdict: 'met' });
});

test('bytes are taken as they are', () => {
  const figures = comparable(bytes, { cryo: [300, 310, 320] });
  expect(judgeScenario(bytes, figures).figures.cryo?.median).toBe(310);
});
