/**
 * Owns what a pool shows of itself to a capacity that it shares with others.
 * It must never know who the others are.
 */
import type { CapacityTaker } from './capacity.ts';
import type { Stores } from './stores.ts';

/**
 * Joins the capacity, where it wants to know its takers; answers what leaves it.
 *
 * @param changed called when a ticket may be had, or is asked back
 */
export function joinCapacity<Connection, Grant>(
  { capacity, guests, queue, idle }: Stores<Connection, Grant>,
  changed: () => void,
): (() => void) | undefined {
  const taker: CapacityTaker = {
    get waiting() {
      return queue.size;
    },
    get idle() {
      return idle.size;
    },
    changed,
  };
  return guests.ask('capacity.join', () => capacity.join?.(taker), undefined);
}
