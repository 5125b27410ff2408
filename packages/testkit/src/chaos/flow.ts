/**
 * Owns one direction of a link: bytes come out in order, as late and as slowly as was asked for.
 * It must never know whose bytes they are, or why they are slow.
 */
import type { Socket } from 'node:net';
import { type Clock, systemClock, systemTimers, type Timer, type Timers } from '@cryo/resilience';

/** How bytes pass. `held`: not at all, and what has come so far waits. */
export interface Pace {
  readonly held: boolean;
  readonly delayMs: number;
  /** Infinity: as fast as they come. */
  readonly bytesPerSecond: number;
  /** What is read is thrown away. */
  readonly lost: boolean;
}

export const FREE: Pace = { held: false, delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, lost: false };

const SLICES_PER_SECOND = 20;
const MOST_WAITING_BYTES = 1 << 20;

interface Parcel {
  /** Missing: the end of the stream. */
  readonly bytes: Buffer | undefined;
  readonly dueMs: number;
}

export class Flow {
  readonly #to: Socket;
  readonly #from: Socket;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #parcels: Parcel[] = [];
  #pace: Pace = FREE;
  #lastDueMs = 0;
  #waitingBytes = 0;
  #timer: Timer | undefined;

  constructor(from: Socket, to: Socket, time: { clock?: Clock; timers?: Timers } = {}) {
    this.#from = from;
    this.#to = to;
    this.#clock = time.clock ?? systemClock;
    this.#timers = time.timers ?? systemTimers;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => (this.#pace.lost ? from.destroy() : this.#push(undefined)));
  }

  set pace(pace: Pace) {
    this.#pace = pace;
    // An end that was held back with everything else is not lost with it: the sender is gone.
    if (pace.lost && !pace.held && this.#from.readableEnded) this.#from.destroy();
    this.#steer();
    this.#deliver();
  }

  /** Nothing more comes out. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#parcels.length = 0;
  }

  #take(bytes: Buffer): void {
    if (this.#pace.lost) return;
    const slice = Math.max(1, Math.floor(this.#pace.bytesPerSecond / SLICES_PER_SECOND));
    for (let start = 0; start < bytes.length; start += slice) this.#push(bytes.subarray(start, start + slice));
  }

  #push(bytes: Buffer | undefined): void {
    const { delayMs, bytesPerSecond } = this.#pace;
    const size = bytes?.length ?? 0;
    const arrivesMs = Math.max(this.#clock.now() + delayMs, this.#lastDueMs);
    this.#lastDueMs = arrivesMs + (size * 1_000) / bytesPerSecond;
    this.#parcels.push({ bytes, dueMs: this.#lastDueMs });
    this.#waitingBytes += size;
    this.#deliver();
  }

  #deliver(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#pace.held) return;
    const nowMs = this.#clock.now();
    let next = this.#parcels[0];
    while (next !== undefined && (next.dueMs <= nowMs || this.#pace === FREE)) {
      this.#parcels.shift();
      this.#hand(next);
      next = this.#parcels[0];
    }
    if (next !== undefined) {
      this.#timer = this.#timers.set(next.dueMs - nowMs, () => this.#deliver(), { background: true });
    }
    this.#steer();
  }

  #hand({ bytes }: Parcel): void {
    this.#waitingBytes -= bytes?.length ?? 0;
    if (this.#to.destroyed) return;
    if (bytes === undefined) this.#to.end();
    else this.#to.write(bytes);
  }

  /** What can't pass is not read either, so that the sender feels it as it would on a wire. */
  #steer(): void {
    if (this.#from.destroyed) return;
    const isFull = this.#waitingBytes > MOST_WAITING_BYTES || this.#to.writableLength > MOST_WAITING_BYTES;
    if (this.#pace.held || isFull) this.#from.pause();
    else this.#from.resume();
    if (isFull && !this.#pace.held) this.#to.once('drain', () => this.#steer());
  }
}
