/**
 * Owns the scenario of a call that waits until a bulkhead hands it the place of another.
 * It must never know a library.
 */
import type { TimeScenario } from '../scenario.ts';

export const queuedBulkhead: TimeScenario = {
  kind: 'time',
  name: 'queued-bulkhead',
  title: 'two calls under a bulkhead for one, the second queued and handed the place',
  budget: 'best peer',
  loop: 'awaited',
  operation: (subject, work) => subject.queuedBulkhead?.(work),
};
