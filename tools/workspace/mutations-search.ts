/**
 * Owns the search for one planted bug, in a process of its own: random days, then every order of a few things.
 * It must never know which bug it is; the folder of the changed source and the bounds are its parameters.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PoolMaker } from '@cryo/testkit';
import { enumerate, simulate } from '@cryo/testkit';

const [folder = '', runs = '0', steps = '0', depth = '1'] = process.argv.slice(2);
const { createPool }: { createPool: PoolMaker } = await import(pathToFileURL(join(folder, 'src/pool.ts')).href);

process.stdout.write(JSON.stringify({ found: (await bySeed()) ?? (await byOrder()) }));
process.exit(0);

async function bySeed(): Promise<string | undefined> {
  const { failures } = await simulate({
    runs: Number(runs),
    seed: 1,
    steps: Number(steps),
    mostFailures: 1,
    createPool,
  });
  const [failure] = failures;
  return failure && `${failure.invariant} with seed ${failure.seed}, step ${failure.step}`;
}

async function byOrder(): Promise<string | undefined> {
  const { failures } = await enumerate({ depth: Number(depth), mostFailures: 1, createPool });
  const [failure] = failures;
  return failure && `${failure.invariant} after ${failure.day.join(', ')}`;
}
