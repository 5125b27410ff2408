/**
 * Owns what is counted by the label of the caller: for a bounded number of labels, and for all others together.
 * It must never know a request; it hears events.
 */
import type { Counter, Emitter, Histogram, Registry } from '@cryo/resilience';
import { BoundedLabels } from './bounded-labels.ts';
import type { PoolEvents } from './events.ts';

/** Who gave no label. */
const UNLABELLED = 'unlabelled';

interface LabelMeters {
  readonly leases: Counter;
  readonly refusals: Counter;
  readonly waitTime: Histogram;
  readonly useTime: Histogram;
}

/** Where labels are counted. */
export interface LabelMetricsParts {
  readonly pool: string;
  readonly registry: Registry;
  readonly events: Emitter<PoolEvents>;
  /** The most labels with metrics of their own; with 0 nothing is listened to. */
  readonly most: number;
}

/** Counts leases, refusals, waits and uses by label. Events are made only because this listens. */
export function followLabels({ pool, registry, events, most }: LabelMetricsParts): void {
  if (most === 0) return;
  const meters = new BoundedLabels<LabelMeters>(most, (label) => {
    const labels = { pool, label };
    const name = (what: string) => `cryo_pool_label_${what}`;
    const times = (what: string, help: string) =>
      registry.histogram({ name: name(`${what}_ms`), help, unit: 'ms', labels });
    return {
      leases: registry.counter({ name: name('leases_total'), help: 'Leases granted, by label.', labels }),
      refusals: registry.counter({ name: name('refusals_total'), help: 'Requests refused, by label.', labels }),
      waitTime: times('acquire', 'From the request to the lease, by label.'),
      useTime: times('use', 'From the lease to its release, by label.'),
    };
  });
  const of = (label: string | undefined) => meters.of(label ?? UNLABELLED);
  events.on('lease-granted', ({ label, waitedMs }) => {
    const { leases, waitTime } = of(label);
    leases.add();
    waitTime.record(waitedMs);
  });
  events.on('lease-released', ({ label, heldMs }) => of(label).useTime.record(heldMs));
  events.on('request-refused', ({ label }) => of(label).refusals.add());
}
