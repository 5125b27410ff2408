/**
 * Owns `pnpm bench`: builds quietly, brings the peers if they are missing, then becomes the bench, with all its flags.
 * It must never know a flag of the bench.
 */
import { prepareComparison } from './comparison.ts';

const BENCH = new URL('../../apps/bench/src/main.ts', import.meta.url);

if (await prepareComparison()) await import(BENCH.href);
