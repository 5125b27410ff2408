/**
 * Owns the list of what `@cryo/testkit/chaos` offers: a network that can be made bad.
 * It must never hold more than names.
 */
export type { Fault } from './faults.ts';
export { type ChaosProxy, type ProxyCounts, type ProxyOptions, startProxy } from './proxy.ts';
