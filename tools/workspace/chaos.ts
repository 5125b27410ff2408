/**
 * Owns `pnpm chaos`: builds quietly, brings the peers if they are missing, then becomes the suite, with all its flags.
 * It must never know a fault.
 */
import { prepareComparison } from './comparison.ts';

const CHAOS = new URL('../../apps/bench/src/chaos/main.ts', import.meta.url);

if (await prepareComparison()) await import(CHAOS.href);
