/**
 * Owns the doing of a chaos plan: it afflicts the wire when the window opens and heals it when it closes.
 * It must never know what a fault does to anybody.
 */
import type { Wire } from '../wire/wire.ts';
import type { ChaosPlan } from './plan.ts';

/** How often `kill` strikes within its window, in ms. */
const KILL_EVERY_MS = 1_000;

export interface ChaosListener {
  began(): void;
  healed(): void;
}

/** Starts the plan's clock. The answer ends it: a wire still afflicted is healed. */
export function startChaos(plan: ChaosPlan, wire: Wire, listener: ChaosListener): { stop(): void } {
  let strikes: NodeJS.Timeout | undefined;
  let healing: NodeJS.Timeout | undefined;
  const heal = () => {
    clearInterval(strikes);
    clearTimeout(healing);
    healing = undefined;
    wire.heal();
    listener.healed();
  };
  const opening = setTimeout(() => {
    wire.afflict(plan.faults);
    listener.began();
    healing = setTimeout(heal, plan.forMs);
    if (!plan.faults.includes('kill')) return;
    wire.kill();
    strikes = setInterval(() => wire.kill(), KILL_EVERY_MS);
  }, plan.atMs);
  return {
    stop() {
      clearTimeout(opening);
      if (healing !== undefined) heal();
    },
  };
}
