/**
 * Owns the case of a caller that gives up while it queues.
 * It must never know a library.
 */
import { defectCase, expectThat, presume } from '../defect-case.ts';
import { place } from '../steps.ts';

export const bulkheadAbort = defectCase({
  name: 'bulkhead-abort',
  promise: 'A call that is aborted while it queues for a bulkhead ends at once, and its place in the queue is free',
  needs: 'bulkhead',
  alsoNeeds: 'canAbort',
  async run(make, world) {
    const bulkhead = make({ limit: 1, queueLimit: 1 });
    await place(bulkhead, world);
    const abort = new AbortController();
    const queued = await place(bulkhead, world, abort.signal);
    presume(queued.ending.kind === 'pending', 'it did not queue the second call');
    abort.abort();
    await world.settle();
    expectThat(queued.ending.kind !== 'pending', 'the aborted call waits on for its turn');
    const next = await place(bulkhead, world);
    expectThat(next.ending.kind === 'pending', 'the aborted call keeps its place in the queue');
  },
});
