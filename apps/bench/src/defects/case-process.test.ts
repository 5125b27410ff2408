import { expect, test } from 'vitest';
import { runChild } from '../processes.ts';
import { judgeEnding } from './judgement.ts';

const CASE_PROCESS = new URL('./case-process.ts', import.meta.url);
const LIMIT_MS = 4_000;

test('a case that fails to run ends its process with the reason, and is not taken for one that hangs', async () => {
  const ending = await runChild(CASE_PROCESS, ['resilience', 'late-success', 'nobody'], { limitMs: LIMIT_MS });
  const how = expect.stringContaining("No case 'late-success' against 'nobody'");
  expect(judgeEnding(ending)).toEqual({ kind: 'unfit', how });
});
