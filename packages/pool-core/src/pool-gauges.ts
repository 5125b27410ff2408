/**
 * Owns the present measures of a pool: which of the snapshot's numbers exporters show, and under which name.
 * It must never know how the numbers came about, nor keep one.
 */
import type { Clock, Registry } from '@cryo/resilience';
import type { ConnectionCounts, DialBreakerSnapshot, PoolSnapshot } from './snapshot.ts';

const CONNECTION_STATES: readonly (keyof ConnectionCounts)[] = [
  'dialing',
  'idle',
  'checking',
  'leased',
  'resetting',
  'closing',
];
const BREAKER_STATES: readonly DialBreakerSnapshot['state'][] = ['closed', 'open', 'half-open', 'isolated', 'off'];

interface GaugeLine {
  readonly name: string;
  readonly help: string;
  readonly unit?: string;
  readonly read: (snapshot: PoolSnapshot) => number;
}

const GAUGES: readonly GaugeLine[] = [
  { name: 'leased_peak', help: 'Most connections ever leased at once.', read: (snapshot) => snapshot.peakLeased },
  { name: 'waiting', help: 'Requests in the queue.', read: (snapshot) => snapshot.waiting },
  {
    name: 'oldest_wait_ms',
    help: 'Age of the oldest request in the queue.',
    unit: 'ms',
    read: (snapshot) => snapshot.oldestWaitMs,
  },
  {
    name: 'shedding',
    help: '1 while requests are served newest first and shed early.',
    read: (snapshot) => (snapshot.sheddingSinceMs === undefined ? 0 : 1),
  },
  { name: 'oldest_lease_ms', help: 'Age of the oldest lease.', unit: 'ms', read: (snapshot) => snapshot.oldestLeaseMs },
  { name: 'size_min', help: 'Connections kept open, the bound in force.', read: (snapshot) => snapshot.size.min },
  { name: 'size_max', help: 'Most connections, the bound in force.', read: (snapshot) => snapshot.size.max },
  {
    name: 'size_absolute_max',
    help: 'The most that the sizer may raise size_max to.',
    read: (snapshot) => snapshot.size.absoluteMax,
  },
  { name: 'suspects', help: 'Idle connections to check before lending.', read: (snapshot) => snapshot.suspects },
  { name: 'abandoned', help: 'Driver calls given up on and not settled.', read: (snapshot) => snapshot.abandoned },
];

/** Registers gauges that read the snapshot that `gauges` gives, whenever they are read themselves. */
export function followSnapshot(registry: Registry, pool: string, clock: Clock, gauges: () => PoolSnapshot): void {
  const labels = { pool };
  const startedAtMs = clock.wallNow();
  for (const { name, help, unit, read } of GAUGES) {
    registry.gauge({ name: `cryo_pool_${name}`, help, unit, labels, read: () => read(gauges()) });
  }
  for (const state of CONNECTION_STATES) {
    const help = 'Connections, by state.';
    const read = () => gauges().connections[state];
    registry.gauge({ name: 'cryo_pool_connections', help, labels: { ...labels, state }, read });
  }
  for (const state of BREAKER_STATES) {
    const help = '1 for the state that the dial breaker is in.';
    const read = () => (gauges().breaker.state === state ? 1 : 0);
    registry.gauge({ name: 'cryo_pool_breaker_state', help, labels: { ...labels, state }, read });
  }
  const help = 'When the pool was made, since 1970.';
  registry.gauge({ name: 'cryo_pool_start_timestamp_ms', help, unit: 'ms', labels, read: () => startedAtMs });
}
