import { expect, it } from 'vitest';
import { snapshotOf } from '../../test/snapshots.ts';
import { fixed } from './fixed.ts';

it('the fixed sizer never has a plan, before and after a resize', () => {
  const sizer = fixed().start({ min: 3, max: 20, absoluteMax: 50 });
  const busy = { snapshot: snapshotOf({ connections: { leased: 20 }, waiting: 99 }), growthAllowed: true };
  expect(sizer.plan(busy)).toBe(undefined);
  sizer.rebase({ min: 1, max: 2 });
  expect(sizer.plan(busy)).toBe(undefined);
});
