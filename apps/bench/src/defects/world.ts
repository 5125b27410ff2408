/**
 * Owns the time in which a case runs: virtual time put in the place of the platform's before any library is loaded, or real time.
 * It must never know a library, nor what a case asserts.
 */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

export interface World {
  /** Lets time pass, timers fire on the way, and everything that follows at once from them happen. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** Moves the wall clock, as a correction of the system's time does; monotonic time and timers go on. */
  jumpWallClock(ms: number): void;
  /** Timers that are set now, also those that would not keep a process alive. */
  readonly pendingTimers: number;
  /** What nobody caught so far, exceptions and rejections, each in a line. */
  readonly accidents: readonly string[];
}

const accidents: string[] = [];

/** From here on, what nobody catches is noted and ends nothing; whether it matters is for a case to say. */
export function noteAccidents(): void {
  process.on('uncaughtException', (error) => accidents.push(`uncaught ${error}`));
  process.on('unhandledRejection', (reason) => accidents.push(`unhandled ${reason}`));
}

export const realWorld: World = {
  advance: (ms) => wait(ms),
  accidents,
  settle: () => turn(),
  jumpWallClock() {
    throw new Error('The wall clock can be moved in virtual time only');
  },
  get pendingTimers(): number {
    throw new Error('Timers are counted in virtual time only');
  },
};

/** Beyond this, a platform's timer fires at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
const NANOSECONDS = 1_000_000;

interface Pending {
  readonly order: number;
  readonly run: () => void;
  readonly everyMs: number | undefined;
  dueMs: number;
}

interface Handle {
  readonly pending: Pending;
  ref(): Handle;
  unref(): Handle;
}

/** Replaces the clocks and timers of the process. What was loaded before may go on with the real ones. */
export function installVirtualWorld(): World {
  const world = new VirtualWorld();
  globalThis.Date = class extends Date {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [world.wallNow()] : given) as [number]));
    }
    static override now = () => world.wallNow();
  } as DateConstructor;
  performance.now = () => world.now();
  process.hrtime.bigint = () => BigInt(Math.round(world.now() * NANOSECONDS));
  Object.assign(globalThis, world.timers());
  return world;
}

/** Time that passes only when told, with timers as the platform has them: whole ms, 1 at least, and 1 for what is too long. */
export class VirtualWorld implements World {
  readonly accidents = accidents;
  readonly #pending = new Set<Pending>();
  #nowMs = 1_000;
  #wallAheadMs = Date.UTC(2026, 0, 1);
  #order = 0;

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.settle();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      if (next.everyMs === undefined) this.#pending.delete(next);
      else next.dueMs += next.everyMs;
      next.run();
      await this.settle();
    }
    this.#nowMs = untilMs;
  }

  settle(): Promise<void> {
    return turn();
  }

  jumpWallClock(ms: number): void {
    this.#wallAheadMs += ms;
  }

  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Monotonic time, in ms. */
  now(): number {
    return this.#nowMs;
  }

  /** Time by the wall clock, in whole ms since 1970. */
  wallNow(): number {
    return Math.floor(this.#nowMs + this.#wallAheadMs);
  }

  /** The timers of this world under the names of the platform's. */
  timers() {
    const clear = (handle: Handle | undefined): void => {
      if (handle?.pending !== undefined) this.#pending.delete(handle.pending);
    };
    return {
      setTimeout: (run: () => void, delayMs?: number) => this.#set(run, delayMs, 'once'),
      setInterval: (run: () => void, delayMs?: number) => this.#set(run, delayMs, 'repeated'),
      clearTimeout: clear,
      clearInterval: clear,
    };
  }

  #set(run: () => void, delayMs: number | undefined, firing: 'once' | 'repeated'): Handle {
    const asked = Number(delayMs ?? 1);
    const waitMs = asked >= 1 && asked <= LONGEST_DELAY_MS ? Math.trunc(asked) : 1;
    const everyMs = firing === 'repeated' ? waitMs : undefined;
    const pending = { order: this.#order++, run, everyMs, dueMs: this.#nowMs + waitMs };
    this.#pending.add(pending);
    const handle: Handle = { pending, ref: () => handle, unref: () => handle };
    return handle;
  }

  #next(untilMs: number): Pending | undefined {
    let next: Pending | undefined;
    for (const each of this.#pending) {
      if (each.dueMs > untilMs) continue;
      if (next === undefined || each.dueMs < next.dueMs || (each.dueMs === next.dueMs && each.order < next.order))
        next = each;
    }
    return next;
  }
}
