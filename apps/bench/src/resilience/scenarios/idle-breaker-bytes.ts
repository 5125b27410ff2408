/**
 * Owns the scenario of a breaker that nobody calls, of which a service may keep one per host.
 * It must never know a library.
 */
import type { BytesScenario } from '../scenario.ts';

export const idleBreakerBytes: BytesScenario = {
  kind: 'bytes',
  name: 'idle-breaker-bytes',
  title: 'idle breaker',
  budget: 400,
  maker: (subject) => subject.idleBreaker?.(),
};
