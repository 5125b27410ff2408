/**
 * Owns `pnpm enumerate`: every order in which a few things can happen to a small pool, to a depth.
 * It must never know what those things are.
 */
import { parseArgs } from 'node:util';
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

const USAGE = 'usage: pnpm enumerate [--depth 4]';

const depth = readDepth();
if (depth === undefined) process.exitCode = 2;
else if (await compileOrExplain(startProgress('building'))) {
  const { enumerate } = await import('@cryo/testkit');
  const { days, failures } = await enumerate({ depth });
  for (const { day, message } of failures) process.stdout.write(`${day.join(', ')}: ${message}\n`);
  process.stdout.write(`${days} days of ${depth} things each, ${failures.length} on which a promise was broken\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function readDepth(): number | undefined {
  try {
    const { values } = parseArgs({ options: { depth: { type: 'string', default: '4' } } });
    if (/^[1-8]$/.test(values.depth)) return Number(values.depth);
    process.stderr.write(`--depth is '${values.depth}', expected an integer from 1 to 8 (${USAGE})\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message.split('\n')[0] : String(error)} (${USAGE})\n`);
  }
  return undefined;
}
