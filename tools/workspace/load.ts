/**
 * Owns `pnpm load`: builds quietly, brings the peers if they are missing, then becomes the load test, with all its flags.
 * It must never know a figure.
 */
import { prepareComparison } from './comparison.ts';

const LOAD = new URL('../../apps/bench/src/load/main.ts', import.meta.url);

if (await prepareComparison()) await import(LOAD.href);
