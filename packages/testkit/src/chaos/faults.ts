/**
 * Owns the faults of a network that can be asked for, and the check of what was asked.
 * It must never know how a fault is done to a socket.
 */
import { OptionCheck } from '@cryo/resilience';

/** What happens to everything that passes, until it is healed. */
export type Fault =
  /** Nobody listens: a dial is refused at once. Links that stand are left alone. */
  | { readonly kind: 'refusal' }
  /** A dial is accepted, and then not a byte goes either way, in links that stand neither: as a cable pulled out. */
  | { readonly kind: 'silence' }
  /** Every byte takes so much longer, each way. */
  | {
      readonly kind: 'latency';
      /** How much longer, in ms, each way. */
      readonly ms: number;
    }
  /** So many bytes a second, each way and for each link: 10_000 is a bad line, 20 a handshake that never ends. */
  | {
      readonly kind: 'bandwidth';
      /** In bytes a second. */
      readonly bytesPerSecond: number;
    };

const KINDS = ['refusal', 'silence', 'latency', 'bandwidth'];

/** @throws InvalidOptionsError with every value that is no fault. */
export function checkFault(fault: Fault): void {
  const check = new OptionCheck('fault');
  if (check.oneOf('kind', fault.kind, KINDS)) {
    if (fault.kind === 'latency') check.number('ms', fault.ms, { min: 0, unit: 'ms' });
    if (fault.kind === 'bandwidth') check.number('bytesPerSecond', fault.bytesPerSecond, { above: 0, unit: 'bytes/s' });
  }
  check.throwIfFaulty();
}
