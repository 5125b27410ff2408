/**
 * Owns `pnpm demo`: builds quietly, then becomes the demo, in this very process, with all its flags.
 * It must never know a flag of the demo; because no second process exists, every signal and exit code is the demo's own.
 */
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

const DEMO = new URL('../../apps/demo/src/main.ts', import.meta.url);

if (await compileOrExplain(startProgress('building'))) await import(DEMO.href);
