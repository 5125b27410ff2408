/**
 * Owns one run on a service: the load, the chaos and the samples, from the first request to the findings.
 * It must never print, nor know how the service is made.
 */
import { startChaos } from './chaos/chaos.ts';
import type { Arguments } from './cli/arguments.ts';
import { mainOf, mapPools } from './data/pools.ts';
import { type Load, startLoad } from './load/load.ts';
import type { Findings } from './report/report.ts';
import { Sampler } from './report/sampler.ts';
import type { Service } from './service.ts';

/** How long leases may take to come home once the load has ended, in ms. With the load's own patience: under ten seconds. */
const CLOSE_MS = 1_000;

/** What a run is told of the process it is in. */
export interface Surroundings {
  /** Aborts to end the load early. */
  readonly ending: AbortSignal;
  /** How many the process has seen. */
  unhandledRejections(): number;
  /** A line for whoever is watching. */
  say(line: string): void;
}

/** A load on its way. `finish` must be called once. */
export class Run {
  readonly load: Load;
  readonly sampler: Sampler;
  readonly #service: Service;
  readonly #surroundings: Surroundings;
  readonly #chaos: { stop(): void } | undefined;
  readonly #startedMs = performance.now();

  /** Starts the load, and the chaos where there is a plan. */
  constructor({ load, chaos }: Arguments, service: Service, surroundings: Surroundings) {
    const { outage, pools } = service.watches;
    this.#service = service;
    this.#surroundings = surroundings;
    this.load = startLoad(load, service.url, surroundings.ending);
    this.sampler = new Sampler(
      () => mainOf(pools).snapshot(),
      () => this.load.tally.served,
    );
    this.#chaos =
      chaos &&
      startChaos(chaos, service.store.trouble, {
        began: () => {
          outage.began(performance.now());
          surroundings.say(`Chaos for ${chaos.forMs / 1_000} s: ${chaos.faults.join(', ')}`);
        },
        healed: () => {
          outage.healed(performance.now());
          surroundings.say('Chaos is over');
        },
      });
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** Waits for the end of the load, drains and closes the service, and gathers what was found. */
  async finish(): Promise<Findings> {
    const { store, watches } = this.#service;
    let atEnd: Pick<Findings, 'elapsedMs' | 'health'>;
    let leasesOpen: number;
    try {
      await this.load.ended;
    } finally {
      this.#chaos?.stop();
      this.sampler.stop();
      atEnd = { elapsedMs: this.elapsedMs, health: store.health() };
      leasesOpen = await this.#service.close(CLOSE_MS);
    }
    const unhandledRejections = this.#surroundings.unhandledRejections() + this.load.unhandledRejections;
    return {
      ...atEnd,
      tally: this.load.tally,
      pools: mapPools(watches.pools, (watch) => watch.summary()),
      sizeOverTime: this.sampler.whole.samples,
      outage: watches.outage.report(),
      lost: { unanswered: this.load.tally.unanswered, leasesOpen, unhandledRejections },
    };
  }
}
