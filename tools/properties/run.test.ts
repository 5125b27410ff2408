import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../workspace/tool.ts';

const PROPERTIES = `
import fc from 'fast-check';
import { expect, test } from 'vitest';
let cases = 0;
test('sound', () => fc.assert(fc.property(fc.nat(), () => { cases += 1; }), { numRuns: 5 }));
test('sound and waited for', () => fc.assert(fc.asyncProperty(fc.nat(), async () => {})));
test('broken', () => fc.assert(fc.property(fc.nat(), (n) => { if (n >= 1000) throw new Error('too many vials'); })));
test('counted', () => expect(cases).toBe(300));
`;

// A folder in the workspace, so that what it imports is found.
let folder: string;
beforeAll(() => {
  const home = join(import.meta.dirname, '.examples');
  mkdirSync(home, { recursive: true });
  folder = mkdtempSync(join(home, 'run-'));
  writeFileSync(join(folder, 'made-up.test.ts'), PROPERTIES);
});
afterAll(() => rmSync(join(import.meta.dirname, '.examples'), { recursive: true }));

async function runThem(asked: { readonly runs: number; readonly seed?: number }): Promise<string> {
  const told = JSON.stringify({ folder, files: ['made-up.test.ts'], asked });
  const module = JSON.stringify(join(import.meta.dirname, 'run.ts'));
  const code = `const { tryProperties } = await import(${module});
    console.log(JSON.stringify(await tryProperties(${told}, console.log)));`;
  return (await collect(process.execPath, ['--input-type=module', '--eval', code])).output;
}

test('each property is tried as often as asked for, whatever its own number, and a broken one shows its seed and its case', async () => {
  const first = await runThem({ runs: 300 });
  expect(first).toMatch(/^ +300 .*made-up\.test\.ts: sound$/m);
  expect(first).toMatch(/^ +300 .*made-up\.test\.ts: sound and waited for$/m);
  expect(first).toMatch(/Counterexample: \[1000\]/);
  expect(first).toMatch(/Cause: too many vials/);
  const { cases, ...summary } = JSON.parse(first.split('\n').at(-1) ?? '');
  expect(summary).toEqual({ tried: 3, failed: 1 });
  const [, runs = '', seed = ''] = /^ +(\d+) .*s +(-?\d+) .*: broken$/m.exec(first) ?? [];
  expect(cases).toBe(600 + Number(runs));
  const again = await runThem({ runs: 300, seed: Number(seed) });
  expect(again).toMatch(new RegExp(`^ +${runs} .* ${seed} .*: broken$`, 'm'));
});
