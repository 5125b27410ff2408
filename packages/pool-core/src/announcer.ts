/**
 * Owns the lines that a logger gets the moment something happens that an operator should know of.
 * It must never be a reason for anything to fail, nor say what is worth only a count.
 */
import type { Emitter } from '@cryo/resilience';
import type { PoolEvents } from './events.ts';
import { say } from './logger.ts';
import type { Logger } from './options.ts';

/** Tells a logger of suspected leaks, leases taken back, changes of the dial breaker, driver calls that never end, thaws, overload, and listeners that fail. */
export function announce(pool: string, events: Emitter<PoolEvents>, logger: Logger | undefined): void {
  if (logger === undefined) return;
  const warn = (entry: object, what: string) => say(logger, 'warn', { pool, ...entry }, `Pool '${pool}': ${what}`);
  const info = (entry: object, what: string) => say(logger, 'info', { pool, ...entry }, `Pool '${pool}': ${what}`);
  events.on('leak-suspected', (event) => warn(event, `${leaseOf(event)} has been held for ${event.heldMs} ms`));
  events.on('leak-ended', (event) => info(event, `${leaseOf(event)} came home after ${event.heldMs} ms: no leak`));
  events.on('lease-reclaimed', (event) => warn(event, `${leaseOf(event)} was taken back after ${event.heldMs} ms`));
  events.on('lease-dropped', (event) => warn(event, `${leaseOf(event)} was dropped without a release`));
  events.on('double-release', (event) => warn(event, `${leaseOf(event)} was released twice`));
  events.on('breaker-changed', (event) => {
    const { from, to } = event;
    (to === 'closed' ? info : warn)(event, `the dial breaker went from ${from} to ${to}`);
  });
  events.on('call-abandoned', (event) =>
    warn(event, `the driver never answered a call (${event.call}), which is given up on`),
  );
  events.on('thawed', (event) => warn(event, `the process stood still for ${Math.round(event.gapMs)} ms`));
  events.on('shedding-began', (event) => {
    const { waiting, priority, oldestWaitMs } = event;
    const who = `${waiting} requests of priority ${priority} wait, the oldest for ${Math.round(oldestWaitMs)} ms`;
    warn(event, `overloaded: ${who}; the newest are served first`);
  });
  events.on('shedding-ended', (event) => info(event, `the overload is over after ${Math.round(event.lastedMs)} ms`));
  events.on('listener-failed', (event) => warn(event, `a listener of '${event.event}' failed`));
}

function leaseOf({ connection, label }: { readonly connection: number; readonly label: string | undefined }): string {
  return label === undefined ? `a lease of connection ${connection}` : `the lease '${label}'`;
}
