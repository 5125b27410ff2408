/**
 * Owns `pnpm enumerate`: every order in which things can happen to a small pool, to a depth.
 * It must never know what those things are.
 */
import { parseArgs } from 'node:util';
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

const USAGE = 'usage: pnpm enumerate [--depth 4]';
const SIZES = [1, 2];

const depth = readDepth();
if (depth === undefined) process.exitCode = 2;
else if (await compileOrExplain(startProgress('building'))) {
  const { enumerate } = await import('@cryo/testkit');
  process.exitCode = 0;
  for (const max of SIZES) {
    const { days, ends, failures } = await enumerate({ depth, max });
    for (const { day, message } of failures) process.stdout.write(`${day.join(', ')}: ${message}\n`);
    const broken = `${failures.length} on which a promise was broken`;
    process.stdout.write(`a pool of ${max}: ${days} days of ${depth} things each, ${ends} different ends, ${broken}\n`);
    if (failures.length > 0) process.exitCode = 1;
  }
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
