/**
 * Owns `pnpm runtimes`: builds quietly, then becomes the run on every runtime, with all its flags.
 * It must never know a runtime.
 */
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

const RUNTIMES = new URL('../runtimes/main.ts', import.meta.url);

if (await compileOrExplain(startProgress('building'))) await import(RUNTIMES.href);
