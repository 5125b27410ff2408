/**
 * Owns the words for what the policies of this package count and show: names, help, and the values of each label.
 * Must never know when anything is counted. It stands beside the registry, so that a policy without one carries no words.
 */

/** Metrics of one name, one for each value of the label `by`; a single one where there is none. */
export interface MetricFamily {
  readonly help: string;
  readonly by?: string;
  readonly values?: readonly string[];
}

/** What there is of a kind of policy. Over all of its counters the values are different words. */
export interface PolicyFamilies {
  readonly label: string;
  readonly counters: Readonly<Record<string, MetricFamily>>;
  readonly gauges: Readonly<Record<string, MetricFamily>>;
}

const STATES = ['closed', 'open', 'half-open', 'isolated'] as const;

/**
 * The values of a family exclude each other, so that their sum is a number of calls: what a call may be besides is a family
 * of its own. A counter is called `cryo_<policy>_<family>_total` and a gauge `cryo_<policy>_<family>`; both are
 * labelled with the policy.
 */
export const POLICY_METRICS = {
  breaker: {
    label: 'breaker',
    counters: {
      calls: {
        help: 'Calls asked of a breaker, by how they ended.',
        by: 'outcome',
        values: ['success', 'failure', 'neutral', 'stale', 'refused'],
      },
      transitions: {
        help: 'Changes of the state of a breaker, by the state it came to.',
        by: 'to',
        values: STATES,
      },
    },
    gauges: { state: { help: '1 for the state a breaker is in, 0 for the others.', by: 'state', values: STATES } },
  },
  retry: {
    label: 'retry',
    counters: {
      calls: {
        help: 'Calls made through a retry, by how they ended.',
        by: 'outcome',
        values: ['succeeded', 'recovered', 'stopped', 'out-of-retries', 'out-of-time', 'out-of-budget'],
      },
      retries: { help: 'Tries after the first one.' },
    },
    gauges: {},
  },
  retry_budget: {
    label: 'budget',
    counters: {
      withdrawals: { help: 'Attempts that a retry budget has allowed.' },
      rejections: { help: 'Attempts that a retry budget has not allowed, because it was empty.' },
    },
    gauges: { tokens: { help: 'Attempts that a retry budget has left.' } },
  },
  timeout: {
    label: 'timeout',
    counters: {
      calls: {
        help: 'Calls made through a timeout, by how the waiting for them ended.',
        by: 'outcome',
        values: ['in-time', 'timed-out', 'out-of-time', 'aborted'],
      },
      stalls: { help: 'Times that the event loop was blocked while calls had to be judged.' },
    },
    gauges: {},
  },
  bulkhead: {
    label: 'bulkhead',
    counters: {
      calls: {
        help: 'Calls asked of a bulkhead, by what became of them; those that wait are counted when that is over.',
        by: 'outcome',
        values: ['admitted', 'refused', 'gave-up', 'out-of-time'],
      },
      queued: { help: 'Calls that had to wait for a place in a bulkhead, whatever became of them.' },
    },
    gauges: {
      running_calls: { help: 'Calls that have a place in a bulkhead.' },
      waiting_calls: { help: 'Calls that wait for a place in a bulkhead.' },
    },
  },
  rate_limiter: {
    label: 'rate_limiter',
    counters: {
      calls: {
        help: 'Calls asked of a rate limiter, by what became of them; those that wait are counted when that is over.',
        by: 'outcome',
        values: ['admitted', 'refused', 'gave-up', 'out-of-time'],
      },
      delayed: { help: 'Calls that had to wait for their turn in a rate limiter, whatever became of them.' },
    },
    gauges: { waiting_calls: { help: 'Calls that wait for their turn in a rate limiter.' } },
  },
  hedge: {
    label: 'hedge',
    counters: {
      calls: {
        help: 'Calls made through a hedge, by the try whose result won, or that none did.',
        by: 'outcome',
        values: ['first', 'hedge', 'failed', 'out-of-time'],
      },
      hedges: { help: 'Tries that began beside a slow one.' },
    },
    gauges: {},
  },
  fallback: {
    label: 'fallback',
    counters: {
      calls: {
        help: 'Calls made through a fallback, by whether the work succeeded, its error was replaced, or passed on.',
        by: 'outcome',
        values: ['succeeded', 'replaced', 'failed'],
      },
    },
    gauges: {},
  },
} as const satisfies Readonly<Record<string, PolicyFamilies>>;

/** The families of every kind of policy, by kind. */
type Metrics = typeof POLICY_METRICS;

/** A kind of policy that is counted. */
export type PolicyKind = keyof Metrics;

/** What is counted of a kind of policy: the values of its families, and the name of a family without any. */
export type PolicyCount<Kind extends PolicyKind> = {
  [Family in keyof Metrics[Kind]['counters']]: Metrics[Kind]['counters'][Family] extends {
    readonly values: readonly (infer Value)[];
  }
    ? Value
    : Family;
}[keyof Metrics[Kind]['counters']];

/** What the gauges of a kind of policy read, of one value of their label where they have several. */
export type PolicyGauges<Kind extends PolicyKind> = {
  readonly [Family in keyof Metrics[Kind]['gauges']]: (value: string) => number;
};

/** Counts one more of what it is told. */
export type PolicyMeter<Kind extends PolicyKind> = (what: PolicyCount<Kind>) => void;

/** Where a kind of policy is counted: a registry, as far as a policy needs one. */
export interface MeterMaker<Kind extends PolicyKind> {
  /** Registers the families of that kind for the policy of that name, and answers what counts in them. */
  policyMeter(kind: Kind, policy: string, read: PolicyGauges<Kind>): PolicyMeter<Kind>;
}
