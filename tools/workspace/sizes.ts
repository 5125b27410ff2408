/**
 * Owns `pnpm sizes`: builds quietly, then becomes the table of sizes, with all its flags.
 * It must never know a flag of the table.
 */
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

const SIZES = new URL('../sizes/main.ts', import.meta.url);

if (await compileOrExplain(startProgress('building'))) await import(SIZES.href);
