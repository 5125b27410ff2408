/**
 * Owns `pnpm soak`: builds quietly, then becomes the soak, with all its flags.
 * It must never know what is soaked.
 */
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

const SOAK = new URL('../../apps/bench/src/soak/main.ts', import.meta.url);

if (await compileOrExplain(startProgress('building'))) await import(SOAK.href);
