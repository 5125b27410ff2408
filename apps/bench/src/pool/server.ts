/**
 * Owns the servers of the measurements: one that answers at once, one that takes its time to answer a dial.
 * It must never know a pool.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from './subject.ts';

/** Everything succeeds without any time passing. */
export const READY_SERVER: Server = {
  open: async () => {},
  check: async () => {},
  close: async () => {},
};

export interface SlowServer extends Server {
  /** It is the same to it whose connection it is. */
  open(): Promise<void>;
  /** Dials begun so far. */
  readonly dials: number;
  /** Most dials under way at once. */
  readonly dialPeak: number;
}

export function slowServer(dialMs: number): SlowServer {
  let [dials, dialing, dialPeak] = [0, 0, 0];
  return {
    ...READY_SERVER,
    get dials() {
      return dials;
    },
    get dialPeak() {
      return dialPeak;
    },
    async open() {
      dials++;
      dialPeak = Math.max(dialPeak, ++dialing);
      await wait(dialMs);
      dialing--;
    },
  };
}
