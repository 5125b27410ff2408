/**
 * Owns the truth about simulated connections: which exist, which calls are under way, every dial, and what was misused.
 * It must never know what the pool believes, nor decide how a call ends.
 */
import { Emitter } from '@cryo/resilience';

/** The driver calls that take time. */
export type CallKind = 'open' | 'check' | 'reset' | 'close';

/** What a simulated driver hands out. */
export interface SimulatedConnection {
  /** Its number, from 1, in the order of arrival. */
  readonly id: number;
  /** What a lease left behind, such as an open transaction. Write it during a lease; `reset` clears it. */
  session: string | undefined;
  /** `closing` once the pool called `close`; `ended` when that succeeded, or at `destroy`. */
  readonly state: 'open' | 'closing' | 'ended';
  /** Whether the server still answers on it: a connection can die without anybody being told. */
  readonly alive: boolean;
  /** A piece of work: takes the latency of `query`, and rejects with a SimulatedError when the connection is dead. */
  query(): Promise<void>;
}

/** One call into the driver. Times in ms on the driver's clock. */
export interface CallRecord {
  /** Which call. */
  readonly kind: CallKind;
  /** The connection it is for; 0 for a dial. */
  readonly connection: number;
  /** When it began. */
  readonly startedAtMs: number;
  /** `context.deadline`, as the pool gave it. */
  readonly deadlineMs: number;
  /** How it stands. */
  readonly state: 'running' | 'succeeded' | 'failed';
  /** When it settled; `undefined` while it runs. */
  readonly endedAtMs: number | undefined;
  /** What it failed with. */
  readonly error: unknown;
}

/** Something that no pool may do to a driver. */
export interface Misuse {
  /** Which rule was broken. */
  readonly kind: 'call-after-end' | 'ended-twice' | 'overlapping-calls' | 'lease-disturbed' | 'watch';
  /** The connection it was done to. */
  readonly connection: number;
  /** When, on the driver's clock. */
  readonly atMs: number;
  /** What was done, in words. */
  readonly message: string;
}

/** What the truth tells as it happens, synchronously. */
export interface TruthEvents {
  /** The driver was asked to open a connection. */
  'dial-started': CallRecord;
  /** That call has settled: its `state` says how. */
  'dial-ended': CallRecord;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Everything that happened on the far side of the driver. Reading it is free; only the simulated driver writes. */
export class GroundTruth {
  /** Tells of dials as they begin and end. */
  readonly events = new Emitter<TruthEvents>();
  /** Calls that have not settled, hung ones included. */
  readonly running = new Set<CallRecord>();
  /** How many of them there are of each kind. */
  readonly runningCount: Record<CallKind, number> = { open: 0, check: 0, reset: 0, close: 0 };
  /** Every dial, oldest first. */
  readonly dials: CallRecord[] = [];
  /** Connections opened and not ended: what the pool holds, whatever it says. */
  readonly held = new Set<SimulatedConnection>();
  /** What the pool did to the driver and may not, oldest first. */
  readonly misuses: Misuse[] = [];
  /** Watches installed and not removed. */
  watches = 0;
  /** Connections opened since the start. */
  openedCount = 0;

  /** How many connections the server still knows. */
  alive(): number {
    let count = 0;
    for (const connection of this.held) if (connection.alive) count++;
    return count;
  }

  /** Notes that a call began. */
  callStarted(kind: CallKind, connection: number, startedAtMs: number, deadlineMs: number): CallRecord {
    const unanswered = { state: 'running', endedAtMs: undefined, error: undefined } as const;
    const record: CallRecord = { kind, connection, startedAtMs, deadlineMs, ...unanswered };
    this.running.add(record);
    this.runningCount[kind]++;
    if (kind === 'open') {
      this.dials.push(record);
      this.events.emit('dial-started', record);
    }
    return record;
  }

  /** Notes how it ended. Only the first word counts. */
  callEnded(record: CallRecord, state: 'succeeded' | 'failed', endedAtMs: number, error?: unknown): void {
    if (!this.running.delete(record)) return;
    this.runningCount[record.kind]--;
    const written: Mutable<CallRecord> = record;
    written.state = state;
    written.endedAtMs = endedAtMs;
    written.error = error;
    if (record.kind === 'open') this.events.emit('dial-ended', record);
  }

  /** Notes a misuse. */
  misused(kind: Misuse['kind'], connection: number, atMs: number, message: string): void {
    this.misuses.push({ kind, connection, atMs, message });
  }
}
