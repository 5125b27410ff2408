/**
 * Owns the count of dials of this process: every attempt to connect a socket, refused ones too, which no server sees.
 * It must never know who dials.
 */
import { Socket } from 'node:net';

export interface Dials {
  /** When each was made, in ms of the wall clock. */
  readonly atMs: readonly number[];
}

/** Counts from now on. */
export function countDials(): Dials {
  const atMs: number[] = [];
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function counted(this: Socket, ...given: unknown[]): Socket {
    atMs.push(Date.now());
    return Reflect.apply(connect, this, given);
  };
  return { atMs };
}
