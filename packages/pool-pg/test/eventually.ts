/**
 * Owns the patience of tests on real servers: long enough for a busy machine.
 * It must never know what is waited for.
 */
import { expect } from 'vitest';

/** `expect.poll` with ten seconds, not one. */
export const eventually: typeof expect.poll = (look, options) => expect.poll(look, { timeout: 10_000, ...options });
