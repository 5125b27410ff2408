import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startProgress } from './progress.ts';
import { runTests, type StageResult } from './stages.ts';

/** Runs vitest over made-up test files in a folder of their own. */
async function judge(files: Readonly<Record<string, string>>): Promise<StageResult> {
  const folder = mkdtempSync(join(tmpdir(), 'cryo-stages-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await runTests({ folder, parameters: ['--globals'] }, startProgress('tests'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a run of the tests', { timeout: 30_000 }, () => {
  test('counts every test once, and shows the failed ones in full', async () => {
    const { verdict, output } = await judge({
      'a.test.ts': "test('melts', () => {});\ntest('freezes', () => expect(1).toBe(2));",
      'b.test.ts': "describe('ice', () => { test('floats', () => {}); });",
    });
    expect(verdict).toEqual({ passed: 2, failed: 1, skipped: [] });
    expect(output).toContain('FAIL  a.test.ts > freezes');
    expect(output).toContain('expected 1 to be 2');
  });

  test('says why a test was skipped', async () => {
    const { verdict } = await judge({
      'a.test.ts': [
        "test('melts', () => {});",
        "test('dials', (context) => context.skip('no server on this machine'));",
        "test.skip('forgotten', () => {});",
        "test.todo('later');",
      ].join('\n'),
    });
    expect(verdict).toEqual({
      passed: 1,
      failed: 0,
      skipped: [
        { name: 'a.test.ts > dials', reason: 'no server on this machine' },
        { name: 'a.test.ts > forgotten', reason: 'marked skip without a reason' },
        { name: 'a.test.ts > later', reason: 'marked todo without a reason' },
      ],
    });
  });

  test('fails when a file does not load, a set-up throws or an error belongs to no test', async () => {
    const { verdict, output } = await judge({
      'file.test.ts': "import './missing.ts';",
      'set-up.test.ts':
        "describe('ice', () => { beforeAll(() => { throw new Error('no ice'); }); test('floats', () => {}); });",
      'late.test.ts': "test('melts', () => { Promise.reject(new Error('lost')); });",
    });
    expect(verdict).toEqual({
      passed: 1,
      failed: 3,
      skipped: [{ name: 'set-up.test.ts > ice > floats', reason: 'its suite could not be set up' }],
    });
    for (const cause of ['missing.ts', 'no ice', 'lost']) expect(output).toContain(cause);
  });

  test('fails when a test is marked as the only one', async () => {
    expect((await judge({ 'a.test.ts': "test.only('melts', () => {});" })).verdict.failed).toBeGreaterThan(0);
  });

  test('fails when there is no test at all', async () => {
    expect((await judge({})).verdict).toEqual({ passed: 0, failed: 1, skipped: [] });
  });

  test('fails when the process of a test dies: the test, and the death', async () => {
    const { verdict } = await judge({ 'a.test.ts': "test('dies', () => process.kill(process.pid, 'SIGKILL'));" });
    expect(verdict).toEqual({ passed: 0, failed: 2, skipped: [] });
  });

  test('fails when vitest itself dies without a word', async () => {
    const { verdict, output } = await judge({ 'vitest.config.ts': "process.kill(process.pid, 'SIGKILL');" });
    expect(verdict).toEqual({ passed: 0, failed: 1, skipped: [] });
    expect(output).toContain('The test run ended without a verdict.');
  });
});
