/**
 * Owns the scenario of a call for which a bulkhead has room.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

/** Held to the budget of a breaker, since both keep a count. */
export const roomyBulkhead: TimeScenario = {
  kind: 'time',
  name: 'roomy-bulkhead',
  title: 'bulkhead with room',
  budget: 1.9,
  loop: 'awaited',
  operation: (subject, work) => subject.roomyBulkhead?.(work),
};
