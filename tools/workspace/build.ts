/**
 * Owns `pnpm build`: compiles what changed, quietly, and shows the compiler's words only when it fails.
 * It must never know what any package is for.
 */
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

await compileOrExplain(startProgress('building'));
