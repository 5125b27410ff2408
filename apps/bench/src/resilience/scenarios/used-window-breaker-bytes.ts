/**
 * Owns the scenario of a breaker with a window of time that has been called once.
 * It must never know a library.
 */
import type { BytesScenario } from '../scenario.ts';

export const usedWindowBreakerBytes: BytesScenario = {
  kind: 'bytes',
  name: 'used-window-breaker-bytes',
  title: 'breaker with a window of 10 s, once used',
  budget: 1_000,
  maker: (subject) => subject.usedWindowBreaker?.(async () => 1),
};
