import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { removeStale } from './stale.ts';

const root = mkdtempSync(join(tmpdir(), 'cryo-stale-'));
afterAll(() => rmSync(root, { recursive: true }));

function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

test('what was compiled from a source that is gone is removed, and nothing else', () => {
  const kinds = ['js', 'js.map', 'd.ts', 'd.ts.map'];
  const compiled = (stem: string) => kinds.map((kind) => `packages/pool-core/dist/${stem}.${kind}`);
  write(
    'packages/pool-core/src/pool.ts',
    'packages/pool-core/src/sizer/fixed.ts',
    'packages/pool-core/dist/.tsbuildinfo',
  );
  write(...compiled('pool'), ...compiled('sizer/fixed'), ...compiled('retry-trial'), ...compiled('sizer/gone'));
  write('packages/pool-core/src/gone.js', 'apps/demo/dist/main.js');
  expect([...removeStale(root)].toSorted()).toEqual([...compiled('retry-trial'), ...compiled('sizer/gone')].toSorted());
  expect(
    [...compiled('retry-trial'), ...compiled('sizer/gone')].filter((path) => existsSync(join(root, path))),
  ).toEqual([]);
  expect(removeStale(root)).toEqual([]);
});
