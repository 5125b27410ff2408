/**
 * Owns the callers: so many workers, each asking again as soon as it has its answer, and a book of every operation.
 * It must never know what is done to the network.
 */
import { type Contender, LIMITS } from '../contender.ts';

/** Times in ms of the wall clock. */
export interface Operation {
  readonly startMs: number;
  leasedMs: number | undefined;
  endMs: number | undefined;
  /** Undefined while it runs, and after it succeeded. */
  code: string | undefined;
}

/** A deadline is judged this much later: a busy machine is late itself. */
export const GRACE_MS = 500;
/** A worker that was told no asks again after this long. */
const PAUSE_MS = 10;
const LOOK_EVERY_MS = 50;

/** When an operation must have been answered. */
export function deadlineOf({ startMs, leasedMs }: Operation, tellsLeases: boolean): number {
  if (leasedMs !== undefined) return leasedMs + LIMITS.operationMs;
  return startMs + LIMITS.acquireMs + (tellsLeases ? 0 : LIMITS.operationMs);
}

export class Workload {
  readonly operations: Operation[] = [];
  readonly #contender: Contender;
  readonly #sql: string;
  readonly #running = new Set<Operation>();
  #stopped = false;

  constructor(contender: Contender, sql: string) {
    this.#contender = contender;
    this.#sql = sql;
  }

  start(workers: number): void {
    for (let worker = 0; worker < workers; worker += 1) void this.#work();
  }

  /** Nothing new is asked; resolves when everything was answered, or is past its deadline. */
  async stop(tellsLeases: boolean): Promise<void> {
    this.#stopped = true;
    while (this.#mayStillBeAnswered(tellsLeases)) await pause(LOOK_EVERY_MS);
  }

  #mayStillBeAnswered(tellsLeases: boolean): boolean {
    const nowMs = Date.now();
    return [...this.#running].some((operation) => nowMs <= deadlineOf(operation, tellsLeases) + GRACE_MS);
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const operation: Operation = { startMs: Date.now(), leasedMs: undefined, endMs: undefined, code: undefined };
      this.operations.push(operation);
      this.#running.add(operation);
      const leased = () => {
        operation.leasedMs = Date.now();
      };
      try {
        await this.#contender.run(this.#sql, leased);
      } catch (error) {
        operation.code = codeOf(error);
      }
      operation.endMs = Date.now();
      this.#running.delete(operation);
      if (operation.code !== undefined) await pause(PAUSE_MS);
    }
  }
}

/** What an operator would search for: the code where there is one, else the name, else the words. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code !== undefined && error.code !== null) return String(error.code);
  // Some put the statement before the words.
  return error.name === 'Error' ? (error.message.split(' - ').at(-1) ?? '').slice(0, 60) : error.name;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
