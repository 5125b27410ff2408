/**
 * Owns one simulated world: virtual time, a server, a pool, and the watch over its promises.
 * It must never know which actions come, nor in what order.
 */
import { elastic, type Pool, type PoolOptions } from '@cryo/pool-core';
import {
  InvariantWatch,
  Ledger,
  type SimulatedConnection,
  type SimulatedDriver,
  simulatedDriver,
  type Violation,
} from '@cryo/pool-core/testing';
import { type SeededRandom, seededRandom } from '@cryo/resilience/testing';
import { Fragility } from './fragile.ts';
import { drawSetup, type Setup } from './setup.ts';
import { SharedCapacity } from './shared-capacity.ts';
import { networkTimers, PoolTimers, SimulationClock } from './virtual-timers.ts';

/** What makes the pool under test. */
export type PoolMaker = (options: PoolOptions<SimulatedConnection>) => Pool<SimulatedConnection>;

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  readonly createPool: PoolMaker;
  /** Whether lines of the trace are kept. They cost more than the run. */
  readonly trace: 'keep' | 'drop';
  /** Default: drawn from the seed. */
  readonly setup?: Setup;
}

export class World {
  readonly setup: Setup;
  readonly clock = new SimulationClock();
  /** Draws what the scenario does; each step has its own. */
  random: SeededRandom;
  readonly simulated: SimulatedDriver;
  readonly ledger: Ledger;
  readonly pool: Pool<SimulatedConnection>;
  readonly watch: InvariantWatch;
  readonly capacity: SharedCapacity;
  /** What happened, line by line. */
  readonly trace: string[] = [];
  /** The first promise that was broken. */
  violation: Violation | undefined;
  /** While it heals, listeners hold still. */
  phase: 'acting' | 'healing' = 'acting';
  /** Whether the pool was asked to close. */
  end: 'to-come' | 'begun' = 'to-come';
  /** Further calls of `close()` without an answer. */
  closesUnanswered = 0;
  readonly #keepsTrace: boolean;

  constructor({ seed, createPool, trace, setup }: WorldOptions) {
    const random = seededRandom(seed);
    this.setup = setup ?? drawSetup(random.fork());
    this.random = random.fork();
    this.#keepsTrace = trace === 'keep';
    const { settings, behaviour, resets, watches, events } = this.setup;
    const { clock } = this;
    const network = networkTimers(clock);
    this.simulated = simulatedDriver({ clock, timers: network, random: random.fork(), behaviour, resets, watches });
    this.ledger = new Ledger(clock, this.simulated);
    const timers = new PoolTimers(clock);
    this.capacity = new SharedCapacity(this.setup.capacity);
    const options = { ...this.#drawOptions(random), timers };
    const { simulated, ledger } = this;
    const timersPending = (): number => timers.pending;
    const classes = this.setup.fragility > 0 ? 'doubtful' : 'trusted';
    this.watch = new InvariantWatch({ options, simulated, ledger, clock, timersPending, events, classes });
    if (this.#keepsTrace) this.#traceDials();
    this.say(() => `pool ${JSON.stringify(settings, infinityAsText)}`);
    this.pool = this.watch.attach(createPool(options));
  }

  /** Writes a line of the trace, with the time. */
  say(line: () => string): void {
    if (this.#keepsTrace) this.trace.push(`${this.clock.now().toFixed(3)}  ${line()}`);
  }

  /** Lets every promise come to rest and holds the promises of the pool against what is seen. */
  async judge(): Promise<void> {
    await this.clock.settle();
    this.#lookAround();
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    this.#lookAround();
  }

  /** Blocks the event loop, then lets it run. */
  async stall(ms: number): Promise<void> {
    this.clock.stall(ms);
    this.watch.stalled(ms);
    await this.pass(0);
  }

  /** Calls into the pool where nothing may be thrown. */
  attempt<Result>(what: string, call: () => Result): Result | undefined {
    try {
      return call();
    } catch (error) {
      this.ledger.escaped(`${what} threw`, error);
      return undefined;
    }
  }

  /** Notes a promise that was broken where the watch can't see it. */
  broken(invariant: string, message: string): void {
    const atMs = this.clock.now();
    this.violation ??= { invariant, atMs, message: `${invariant} broken at ${atMs} ms: ${message}` };
  }

  #drawOptions(random: SeededRandom): PoolOptions<SimulatedConnection> {
    const { clock, simulated, capacity } = this;
    const { settings, dialBudget, fragility } = this.setup;
    const chance = random.fork();
    const budget = dialBudget === undefined ? undefined : { tryTake: () => chance.chance(dialBudget) };
    const sound = { name: 'simulated', clock, random: random.fork() };
    if (fragility === 0) {
      const connect = { ...settings.connect, ...(budget && { budget }) };
      return { ...sound, ...settings, connect, capacity, driver: simulated.driver };
    }
    const fragile = new Fragility(random.fork(), fragility);
    const sizer = settings.size?.sizer ?? elastic();
    return {
      ...sound,
      ...settings,
      size: { ...settings.size, sizer: fragile.sizer(sizer) },
      connect: { ...settings.connect, ...(budget && { budget: fragile.budget(budget) }) },
      capacity: fragile.capacity(capacity),
      driver: fragile.driver(simulated.driver),
    };
  }

  #traceDials(): void {
    const { events } = this.simulated.truth;
    events.on('dial-started', () => this.say(() => '    a dial starts'));
    events.on('dial-ended', ({ state, startedAtMs, error }) => {
      const how = state === 'failed' ? `failed: ${error instanceof Error ? error.message : String(error)}` : state;
      this.say(() => `    the dial of ${startedAtMs.toFixed(3)} ${how}`);
    });
  }

  #lookAround(): void {
    const [violation] = this.watch.judge();
    this.violation ??= violation;
    const { live = 0 } = this.watch.seen ?? {};
    if (this.capacity.taken !== live) this.broken('I8', `${live} slots are live with ${this.capacity.taken} tickets`);
    this.#judgeRecalls();
    if (this.#keepsTrace) this.#sayState();
  }

  /** What the others want, and nobody uses, goes to them at once. */
  #judgeRecalls(): void {
    const { recalled, isJoined } = this.capacity;
    if (!isJoined || recalled === 0 || this.watch.seen === undefined) return;
    const { connections, waiting } = this.watch.seen;
    const { idle, closing } = connections;
    if (recalled > closing && idle > 0 && waiting === 0)
      this.broken('I1', `${recalled} connections are asked back and ${closing} end, while ${idle} lie idle`);
  }

  #sayState(): void {
    const { connections, live, abandoned, waiting, breaker, size, state } = this.pool.snapshot();
    const { dialing, idle, checking, leased, resetting, closing } = connections;
    const parts = `${dialing}d ${idle}i ${checking}c ${leased}l ${resetting}r ${closing}x`;
    const rest = `abandoned ${abandoned}, waiting ${waiting}, breaker ${breaker.state}, ${state}`;
    this.say(() => `    live ${live} of ${size.max} (${parts}), ${rest}`);
  }
}

function infinityAsText(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? 'Infinity' : value;
}
