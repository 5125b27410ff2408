/**
 * Owns the two ways to load a pool: workers who ask again at once, and arrivals at random that wait for nobody.
 * It must never know whose pool it is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '@cryo/resilience/testing';
import type { Contender } from '../chaos/contender.ts';

/** One operation that succeeded: how long it waited for its connection and held it, in ms. */
export interface Timing {
  readonly waitMs: number;
  readonly holdMs: number;
}

export interface Phase {
  readonly timings: readonly Timing[];
  readonly failed: number;
  readonly durationMs: number;
  /** By how much each arrival came after its time: a process that was kept from the cores lets several in at once. */
  readonly lateMs: readonly number[];
}

const TICK_MS = 1;
const SEED = 20;

export class Phases {
  readonly #contender: Contender;
  readonly #sql: string;
  readonly #random = seededRandom(SEED);
  #timings: Timing[] = [];
  #failed = 0;
  #lateMs: number[] = [];

  constructor(contender: Contender, sql: string) {
    this.#contender = contender;
    this.#sql = sql;
  }

  /** Every worker asks again as soon as it was served. */
  async closedLoop(workers: number, lengthMs: number): Promise<Phase> {
    const untilMs = performance.now() + lengthMs;
    const work = async () => {
      while (performance.now() < untilMs) await this.#operation();
    };
    return this.#measured(() => Promise.all(Array.from({ length: workers }, work)));
  }

  /** Arrivals at random, so many a second; one that finds every worker busy waits for a worker, not yet for a connection. */
  async openLoop(workers: number, perSecond: number, lengthMs: number): Promise<Phase> {
    const startMs = performance.now();
    let nextMs = startMs;
    let arrived = 0;
    const work = async (): Promise<void> => {
      while (arrived > 0) {
        arrived -= 1;
        await this.#operation();
      }
    };
    const busy = new Set<Promise<void>>();
    return this.#measured(async () => {
      while (performance.now() - startMs < lengthMs) {
        for (let nowMs = performance.now(); nextMs <= nowMs; nextMs += this.#gapMs(perSecond)) {
          arrived += 1;
          this.#lateMs.push(nowMs - nextMs);
        }
        while (arrived > 0 && busy.size < workers) {
          const working: Promise<void> = work().finally(() => busy.delete(working));
          busy.add(working);
        }
        await pause(TICK_MS);
      }
      await Promise.all(busy);
    });
  }

  #gapMs(perSecond: number): number {
    return (-Math.log(1 - this.#random()) * 1_000) / perSecond;
  }

  async #measured(run: () => Promise<unknown>): Promise<Phase> {
    this.#timings = [];
    this.#failed = 0;
    this.#lateMs = [];
    const startMs = performance.now();
    await run();
    const durationMs = performance.now() - startMs;
    return { timings: this.#timings, failed: this.#failed, durationMs, lateMs: this.#lateMs };
  }

  async #operation(): Promise<void> {
    const startMs = performance.now();
    let leasedMs = startMs;
    try {
      await this.#contender.run(this.#sql, () => {
        leasedMs = performance.now();
      });
      this.#timings.push({ waitMs: leasedMs - startMs, holdMs: performance.now() - leasedMs });
    } catch {
      this.#failed += 1;
      await pause(TICK_MS);
    }
  }
}
