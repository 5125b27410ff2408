/**
 * Owns what a reader has to know of the machine: enough to judge a figure, nothing that names the machine.
 * It must never know what was measured.
 */
import { arch, availableParallelism, loadavg, type } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly node: string;
  readonly system: string;
}

export function machine(): Machine {
  return { cores: availableParallelism(), node: process.versions.node, system: `${type()} ${arch()}` };
}

/** How many processes wanted a core, on average over the last minute. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

export function describeMachine({ cores, node, system }: Machine): string {
  return `${cores} cores, ${system}, Node ${node}`;
}

/** The day of a run, in UTC. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
