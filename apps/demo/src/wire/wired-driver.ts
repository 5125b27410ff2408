/**
 * Owns the wrapping of a driver so that its connections cross a wire: dials may fail, connections may be lost.
 * It must never know which faults there are, nor which driver it wraps.
 */
import type { Driver } from '@cryo/pool-core';
import { type Wire, WireFault } from './wire.ts';

/**
 * The driver with the wire in front of it; where the wire is sound, it behaves as before.
 *
 * @param live holds the connections that are open
 */
export function wiredDriver<Connection extends object>(
  driver: Driver<Connection>,
  wire: Wire,
  live: Set<Connection> = new Set(),
): Driver<Connection> {
  const wired: Driver<Connection> = {
    ...optionalParts(driver),
    name: driver.name,
    async open(context) {
      wire.dial();
      const connection = await driver.open(context);
      wire.opened(connection);
      live.add(connection);
      return connection;
    },
    async check(connection, context) {
      if (wire.faults.length > 0) await wire.cross(connection);
      await driver.check(connection, context);
    },
    close(connection, context) {
      wire.closed(connection);
      live.delete(connection);
      return driver.close(connection, context);
    },
    destroy(connection) {
      wire.closed(connection);
      live.delete(connection);
      driver.destroy(connection);
    },
    watch(connection, broken) {
      const forget = wire.watch(connection, broken);
      const unwatch = driver.watch?.(connection, broken);
      return () => {
        forget();
        unwatch?.();
      };
    },
    classify(error, phase) {
      if (!(error instanceof WireFault)) return driver.classify?.(error, phase);
      return error.code === 'DIAL_REFUSED' ? 'server-unavailable' : 'connection-lost';
    },
  };
  return wired;
}

/** What a driver may leave out is left out here too: its absence means something to the pool. */
function optionalParts<Connection>(driver: Driver<Connection>): Partial<Driver<Connection>> {
  const { server, reset, ref, unref, secrets } = driver;
  return {
    ...(server && { server }),
    ...(reset && { reset: (connection, context) => reset.call(driver, connection, context) }),
    ...(ref && { ref: (connection) => ref.call(driver, connection) }),
    ...(unref && { unref: (connection) => unref.call(driver, connection) }),
    ...(secrets && { secrets: () => secrets.call(driver) }),
  };
}
