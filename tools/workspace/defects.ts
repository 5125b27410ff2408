/**
 * Owns `pnpm defects`: builds quietly, brings the peers if they are missing, then becomes the suite, with all its flags.
 * It must never know a defect.
 */
import { prepareComparison } from './comparison.ts';

const DEFECTS = new URL('../../apps/bench/src/defects/main.ts', import.meta.url);

if (await prepareComparison()) await import(DEFECTS.href);
