/**
 * Owns the doing of a chaos plan: it afflicts a database when the window opens and heals it when it closes.
 * It must never know what a fault does to anybody.
 */
import type { ChaosPlan, Fault } from './plan.ts';

/** How often `kill` strikes within its window, in ms. */
const KILL_EVERY_MS = 1_000;

/** What can be brought into trouble, and out of it. */
export interface Trouble {
  /** The faults that act now. */
  readonly faults: readonly Fault[];
  afflict(faults: readonly Fault[]): void;
  heal(): void;
  /** Breaks every live connection, once. */
  kill(): void;
}

export interface ChaosListener {
  began(): void;
  healed(): void;
}

/** Starts the plan's clock. The answer ends it: what is still afflicted is healed. */
export function startChaos(plan: ChaosPlan, victim: Trouble, listener: ChaosListener): { stop(): void } {
  let strikes: NodeJS.Timeout | undefined;
  let healing: NodeJS.Timeout | undefined;
  const heal = () => {
    clearInterval(strikes);
    clearTimeout(healing);
    healing = undefined;
    victim.heal();
    listener.healed();
  };
  const opening = setTimeout(() => {
    victim.afflict(plan.faults);
    listener.began();
    healing = setTimeout(heal, plan.forMs);
    if (!plan.faults.includes('kill')) return;
    victim.kill();
    strikes = setInterval(() => victim.kill(), KILL_EVERY_MS);
  }, plan.atMs);
  return {
    stop() {
      clearTimeout(opening);
      if (healing !== undefined) heal();
    },
  };
}
