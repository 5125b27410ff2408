/**
 * Owns the planted bugs about whose turn it is: between priority classes, and in a pool that sheds.
 * It must never know how they are found.
 */
import type { MutationRow } from './mutations-row.ts';

export const TURN_MUTATIONS: readonly MutationRow[] = [
  [
    'a lower class never has a turn',
    'I3',
    'wait-queue.ts',
    'low.size > 0 && this.#low.passedOver >= MOST_PASSED_OVER',
    'low.size < 0',
  ],
  [
    'a high request goes behind the normal ones',
    'I3',
    'wait-queue.ts',
    'if (this.#high.line.size > 0) return this.#high;',
    'if (normal.size > 0) return this.#normal;\n    if (this.#high.line.size > 0) return this.#high;',
  ],
  [
    'order of arrival while a class sheds',
    'I3',
    'shedding-queue.ts',
    'sheddingSinceMs === undefined ? super.takeFrom(one) : this.takeNewest(one)',
    'sheddingSinceMs === null ? this.takeNewest(one) : super.takeFrom(one)',
  ],
  [
    'newest first while no class sheds',
    'I3',
    'shedding-queue.ts',
    'sheddingSinceMs === undefined ? super.takeFrom(one) : this.takeNewest(one)',
    'sheddingSinceMs === null ? super.takeFrom(one) : this.takeNewest(one)',
  ],
  [
    'a wait above the target is overload at once',
    'I3',
    'shedding-queue.ts',
    'now < seen.aboveFromMs + this.#settings.intervalMs',
    'now < seen.aboveFromMs',
  ],
  [
    'a wait that dips goes on standing',
    'I3',
    'shedding-queue.ts',
    'if (fromMs > seen.aboveFromMs && fromMs > this.#clock.now()) seen.aboveFromMs = fromMs;',
    'if (fromMs === NEVER) seen.aboveFromMs = fromMs;',
  ],
  [
    'one class that sheds makes all of them shed',
    'I3',
    'shedding-queue.ts',
    'seen.sheddingSinceMs = now;',
    'for (const other of this.classes) this.#standings[other.priority].sheddingSinceMs = now;',
  ],
  [
    'requests are shed at half the limit',
    'I2',
    'shedding-queue.ts',
    '+ this.#settings.limitMs;',
    '+ this.#settings.limitMs / 2;',
  ],
  [
    'requests are shed at twice the limit',
    'I2',
    'shedding-queue.ts',
    '+ this.#settings.limitMs;',
    '+ 2 * this.#settings.limitMs;',
  ],
  ['nobody wakes up to shed', 'I2', 'shedding-queue.ts', 'atMs = Math.min(atMs, dueMs);', 'void dueMs;'],
  [
    'who has to be looked at first is looked at last',
    'I2',
    'shedding-queue.ts',
    'this.lookDueMs = Math.min(this.lookDueMs, now +',
    'this.lookDueMs = Math.max(this.lookDueMs, now +',
    'shedding.test.ts',
  ],
  [
    'requests that a suspension holds are shed',
    'rule 3',
    'pool.ts',
    'shedding?.countFrom(Number.POSITIVE_INFINITY, stores.clock.now());',
    'void shedding;',
  ],
  [
    'a freeze counts as a wait',
    'rule 3',
    'machinery.ts',
    'this.shedding?.countFrom(now + GRACE_MS, now);',
    'void GRACE_MS;',
  ],
  [
    'a blocked event loop counts as a wait',
    'rule 3',
    'assembly.ts',
    'if (queue instanceof SheddingQueue) queue.blocked(lateMs, clock.now());',
    '',
    'shedding.test.ts',
  ],
];
