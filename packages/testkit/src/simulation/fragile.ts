/**
 * Owns parts that fail: a driver, a sizer, a capacity and a budget that throw, reject or talk nonsense now and then.
 * It must never change what they do when they work.
 */
import type { Capacity, Driver, SizerFactory } from '@cryo/pool-core';
import type { SeededRandom } from '@cryo/resilience/testing';

const FAULT = new Error('a part is broken');
const NONSENSE = ['nonsense', 42, null, {}] as const;

/** Breaks parts with a certain likelihood per call. */
export class Fragility {
  readonly #random: SeededRandom;
  readonly #chance: number;

  constructor(random: SeededRandom, chance: number) {
    this.#random = random;
    this.#chance = chance;
  }

  /** A driver whose calls without an answer fail after they did their work, and whose `classify` is not to be trusted. */
  driver<Connection>(driver: Driver<Connection>): Driver<Connection> {
    const { watch } = driver;
    return {
      ...driver,
      destroy: (connection) => this.#failAfter(() => driver.destroy(connection)),
      ...(watch !== undefined && {
        watch: (connection: Connection, broken: (error: unknown) => void) => {
          this.#mayThrow();
          const unwatch = watch(connection, broken);
          return () => this.#failAfter(unwatch);
        },
      }),
      classify: (error, phase) => {
        this.#mayThrow();
        // What a driver written in JavaScript may answer.
        if (this.#random.chance(this.#chance)) return this.#random.pick(NONSENSE) as never;
        return driver.classify?.(error, phase);
      },
      ref: () => this.#failAfter(() => {}),
      unref: () => this.#failAfter(() => {}),
      secrets: () => {
        this.#mayThrow();
        return [];
      },
    };
  }

  capacity(capacity: Capacity): Capacity {
    return {
      get recalled() {
        return capacity.recalled ?? 0;
      },
      join: (taker) => {
        this.#mayThrow();
        const leave = capacity.join?.(taker);
        return () => this.#failAfter(() => leave?.());
      },
      tryTake: () => {
        this.#mayThrow();
        return capacity.tryTake();
      },
      give: () => this.#failAfter(() => capacity.give()),
    };
  }

  sizer(factory: SizerFactory): SizerFactory {
    return {
      name: factory.name,
      start: (baseline) => {
        const sizer = factory.start(baseline);
        return {
          plan: (view) => {
            this.#mayThrow();
            return sizer.plan(view);
          },
          rebase: (bounds) => sizer.rebase(bounds),
        };
      },
    };
  }

  budget(budget: { tryTake(): boolean }): { tryTake(): boolean } {
    return {
      tryTake: () => {
        this.#mayThrow();
        return budget.tryTake();
      },
    };
  }

  #mayThrow(): void {
    if (this.#random.chance(this.#chance)) throw FAULT;
  }

  #failAfter(work: () => void): void | Promise<void> {
    work();
    if (!this.#random.chance(this.#chance)) return undefined;
    if (this.#random.chance(0.5)) throw FAULT;
    return Promise.reject(FAULT);
  }
}
