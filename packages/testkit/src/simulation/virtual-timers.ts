/**
 * Owns the clock of a simulation and the two sides of a virtual event loop: the pool's timers, counted, and the network's, whose late words are input.
 * It must never know who waits for what.
 */
import { systemTimers, type Timer, type Timers } from '@cryo/resilience';
import { VirtualClock } from '@cryo/resilience/testing';

/** So many turns are asked of the platform at once. */
const TURNS = 32;

/**
 * A virtual clock for millions of steps. Between two callbacks of one turn of the event loop promises run to their end just as
 * they do between two turns, and it is the turn that costs: so turns are asked for by the dozen, and each callback is one step.
 */
export class SimulationClock extends VirtualClock {
  readonly #waiting: (() => void)[] = [];
  #asked = 0;

  override settle(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#asked === 0) this.#ask();
    });
  }

  #ask(): void {
    for (; this.#asked < TURNS; this.#asked++) systemTimers.afterInput(this.#turn);
  }

  readonly #turn = (): void => {
    this.#asked--;
    const resume = this.#waiting.shift();
    if (resume === undefined) return;
    resume();
    if (this.#asked === 0) this.#ask();
  };
}

/** The pool's timers. What is put off until after input comes after whatever the network had ready. */
export class PoolTimers implements Timers {
  readonly #clock: VirtualClock;
  /** Set and neither run nor cancelled. */
  pending = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  set(delayMs: number, run: () => void, options: { readonly background: boolean }): Timer {
    if (delayMs === Number.POSITIVE_INFINITY) return { cancel: () => {} };
    let state: 'set' | 'over' = 'set';
    const end = (): boolean => {
      if (state === 'over') return false;
      state = 'over';
      this.pending--;
      return true;
    };
    this.pending++;
    const timer = this.#clock.set(delayMs, () => end() && run(), options);
    return {
      cancel: () => {
        if (end()) timer.cancel();
      },
    };
  }

  afterInput(run: () => void): void {
    // One more turn, so that an answer which a later timer of this instant lets in comes first.
    this.#clock.afterInput(() => this.#clock.afterInput(run));
  }
}

/** The network: an answer that is due while the event loop is blocked arrives as input, after the timers. */
export function networkTimers(clock: VirtualClock): Timers {
  return {
    set(delayMs, run, options) {
      let state: 'set' | 'over' = 'set';
      const dueAtMs = clock.now() + delayMs;
      const arrive = (): void => {
        if (state === 'over') return;
        state = 'over';
        run();
      };
      const timer = clock.set(delayMs, () => (clock.now() > dueAtMs ? clock.afterInput(arrive) : arrive()), options);
      return {
        cancel: () => {
          state = 'over';
          timer.cancel();
        },
      };
    },
    afterInput: (run) => clock.afterInput(run),
  };
}
