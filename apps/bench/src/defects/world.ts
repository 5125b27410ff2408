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
}

export const realWorld: World = {
  advance: (ms) => wait(ms),
  settle: () => turn(),
  jumpWallClock() {
    throw new Error('The wall clock can be moved in virtual time only');
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

/** Replaces the clocks and timers of the process. What was loaded before may go on with the real ones. */
export function installVirtualWorld(): World {
  const world = new VirtualWorld();
  world.install();
  return world;
}

class VirtualWorld implements World {
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

  install(): void {
    const wallNow = (): number => Math.floor(this.#nowMs + this.#wallAheadMs);
    globalThis.Date = class extends Date {
      constructor(...given: readonly unknown[]) {
        super(...((given.length === 0 ? [wallNow()] : given) as [number]));
      }
      static override now = wallNow;
    } as DateConstructor;
    performance.now = () => this.#nowMs;
    process.hrtime.bigint = () => BigInt(Math.round(this.#nowMs * NANOSECONDS));
    this.#installTimers();
  }

  #installTimers(): void {
    const set = (run: () => void, delayMs: number | undefined, repeats: boolean) => this.#set(run, delayMs, repeats);
    const clear = (handle: { readonly pending?: Pending } | undefined): void => {
      if (handle?.pending !== undefined) this.#pending.delete(handle.pending);
    };
    Object.assign(globalThis, {
      setTimeout: (run: () => void, delayMs?: number) => set(run, delayMs, false),
      setInterval: (run: () => void, delayMs?: number) => set(run, delayMs, true),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  #set(run: () => void, delayMs: number | undefined, repeats: boolean): object {
    const asked = Number(delayMs ?? 1);
    const waitMs = asked >= 1 && asked <= LONGEST_DELAY_MS ? Math.trunc(asked) : 1;
    const pending = { order: this.#order++, run, everyMs: repeats ? waitMs : undefined, dueMs: this.#nowMs + waitMs };
    this.#pending.add(pending);
    const handle = { pending, ref: () => handle, unref: () => handle, hasRef: () => true };
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
