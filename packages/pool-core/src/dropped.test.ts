import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROCESS = fileURLToPath(new URL('../test/dropping-process.ts', import.meta.url));

async function run(detection: 'detect' | 'ignore'): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', PROCESS, detection]);
  return JSON.parse(stdout);
}

test('a lease that its holder let go of is told by its label, and its place serves somebody else', async () => {
  expect(await run('detect')).toEqual({ dropped: ['forgotten'], leased: 1, again: 'served', kept: true });
});

test('without detection nobody hears of it and the place stays taken, as a lease that is held', async () => {
  expect(await run('ignore')).toEqual({ dropped: [], leased: 2, again: 'full', kept: true });
});
