/**
 * Owns `pnpm properties`: every property of the workspace, or of one package, tried as often as asked for.
 * It must never know a property; any test file that imports fast-check takes part.
 */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileOrExplain } from '../workspace/compile.ts';
import { startProgress } from '../workspace/progress.ts';
import { ROOT } from '../workspace/tool.ts';
import { type PropertyArguments, readArguments } from './arguments.ts';
import { tryProperties } from './run.ts';

const WINGS = ['packages', 'apps'] as const;
const USES_FAST_CHECK = /from 'fast-check'/;

const asked = readArguments(process.argv.slice(2), packages());
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else if (await compileOrExplain(startProgress('building'))) {
  await run(asked);
}

async function run({ runs, seed, test, package: room }: PropertyArguments): Promise<void> {
  const told = seed === undefined ? { runs } : { runs, seed };
  const { tried, cases, failed } = await tryProperties(
    { folder: ROOT, files: propertyFiles(room), asked: told, test },
    print,
  );
  print(`${tried} properties, ${cases.toLocaleString('en')} cases, ${failed} broken`);
  process.exitCode = failed === 0 && tried > 0 ? 0 : 1;
}

function packages(): string[] {
  return WINGS.flatMap((wing) => readdirSync(join(ROOT, wing)));
}

function propertyFiles(room = '*'): string[] {
  const files = globSync(`{${WINGS.join(',')}}/${room}/src/**/*.test.ts`, { cwd: ROOT });
  return files.filter((file) => USES_FAST_CHECK.test(readFileSync(join(ROOT, file), 'utf8')));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
