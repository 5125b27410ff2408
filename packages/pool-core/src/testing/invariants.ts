/**
 * Owns the list of the pool's twelve promises, and the watch that holds every one of them against a running pool.
 * It must never know anything that can't be seen from outside the pool.
 */
import type { Clock } from '@cryo/resilience';
import type { PoolEvents } from '../events.ts';
import type { PoolOptions } from '../options.ts';
import { parseSettings } from '../settings.ts';
import type { PoolSnapshot } from '../snapshot.ts';
import { boundedSize, cleanEnd, countsAddUp, noLostSlot, noSharedSession, oneLease } from './connection-invariants.ts';
import { boundedDials } from './dial-invariants.ts';
import type { SimulatedConnection } from './ground-truth.ts';
import type { Ledger } from './ledger.ts';
import {
  type Check,
  type DialNote,
  type Discipline,
  fifo,
  type Invariant,
  type Observation,
  type ToldCounts,
} from './observation.ts';
import { boundedQueue, nothingEscapes, nothingLostByCancelling, settledOnce } from './request-invariants.ts';
import { SheddingBook } from './shedding-book.ts';
import { adaptiveLifo } from './shedding-invariants.ts';
import type { SimulatedDriver } from './simulated-driver.ts';
import { inOrder } from './turn-invariants.ts';

/** The promises of a pool, I1 to I12. */
export const invariants: readonly Invariant[] = [
  boundedSize,
  settledOnce,
  inOrder,
  oneLease,
  countsAddUp,
  nothingLostByCancelling,
  nothingEscapes,
  noLostSlot,
  cleanEnd,
  noSharedSession,
  boundedDials,
  boundedQueue,
];

/** What the watch needs of a pool. */
export interface ObservedPool {
  /** The pool as it is now. */
  snapshot(): PoolSnapshot;
  /** Subscribes to the pool's events. */
  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): () => void;
}

/** A promise that was broken. */
export interface Violation {
  /** `I1` to `I12`. */
  readonly invariant: string;
  /** On the pool's clock, in ms. */
  readonly atMs: number;
  /** Which promise, what was seen, and when. */
  readonly message: string;
}

/** What a watch is made of. */
export interface InvariantWatchOptions {
  /** The options that the pool is made with. */
  readonly options: PoolOptions<SimulatedConnection>;
  /** The driver that the pool is made with. */
  readonly simulated: SimulatedDriver;
  /** What callers did and saw. */
  readonly ledger: Ledger;
  /** The pool's. */
  readonly clock: Clock;
  /** Default {@link fifo}, or in a pool that sheds {@link adaptiveLifo}. */
  readonly discipline?: Discipline;
  /** `'doubtful'` when the driver's `classify` was tampered with: then I11 expects less of retries. Default `'trusted'`. */
  readonly classes?: 'trusted' | 'doubtful';
  /** How many timers of the pool are set, for I9. */
  readonly timersPending?: () => number;
  /** Whether the pool's lease events are listened to; without them the pool may take shorter paths. Default `'listen'`. */
  readonly events?: 'listen' | 'ignore';
}

/**
 * Holds all twelve promises against a pool. Make it before the pool, so that it sees the first dials; attach the pool; call
 * {@link InvariantWatch.judge} whenever every promise chain has come to rest.
 */
export class InvariantWatch {
  readonly #options: InvariantWatchOptions;
  readonly #checks: readonly { readonly invariant: Invariant; readonly check: Check }[];
  readonly #told: ToldCounts = { leasesGranted: 0, doubleReleases: 0 };
  #pool: ObservedPool | undefined;
  #previous: PoolSnapshot | undefined;
  #highestMax = 0;
  #dials: DialNote[] = [];
  readonly #stalls: { readonly fromMs: number; readonly toMs: number }[] = [];
  readonly #judgedAtMs = (dueAtMs: number): number =>
    this.#stalls.find(({ fromMs, toMs }) => fromMs < dueAtMs && dueAtMs < toMs)?.toMs ?? dueAtMs;
  readonly #shedding: SheddingBook;
  #closing: { dueAtMs: number; answeredAtMs: number | undefined } | undefined;

  constructor(options: InvariantWatchOptions) {
    const { classes = 'trusted', simulated } = options;
    const settings = parseSettings(options.options);
    this.#shedding = new SheddingBook(options.clock);
    const { discipline = settings.shedding === false ? fifo : adaptiveLifo(this.#shedding) } = options;
    const checked = { settings, discipline, classes };
    this.#options = options;
    this.#checks = invariants.map((invariant) => ({ invariant, check: invariant.begin(checked) }));
    simulated.truth.events.on('dial-started', (dial) => {
      this.#dials.push({ kind: 'started', dial, snapshot: this.#pool?.snapshot() });
    });
    simulated.truth.events.on('dial-ended', (dial) => this.#dials.push({ kind: 'ended', dial }));
  }

  /** The pool to watch; answers it. */
  attach<Pool extends ObservedPool>(pool: Pool): Pool {
    this.#pool = pool;
    pool.on('resized', ({ from, to }) => {
      this.#highestMax = Math.max(this.#highestMax, from.max, to.max);
    });
    pool.on('breaker-changed', ({ to }) => {
      if (to === 'open') this.#dials.push({ kind: 'breaker-opened' });
      if (to === 'closed') this.#dials.push({ kind: 'breaker-closed' });
    });
    const { ledger } = this.#options;
    pool.on('thawed', () => ledger.thawed());
    pool.on('suspended', () => ledger.suspended());
    pool.on('resumed', () => ledger.resumed());
    this.#shedding.listenTo(pool);
    if (this.#options.events === 'ignore') return pool;
    pool.on('lease-granted', () => this.#told.leasesGranted++);
    pool.on('double-release', () => this.#told.doubleReleases++);
    return pool;
  }

  /** `resize()` or `recycle()` is about to be called: the pool may dial at once. */
  askedAnew(): void {
    this.#dials.push({ kind: 'asked-anew', atMs: this.#options.clock.now() });
  }

  /** The event loop was blocked for so many ms, until now. */
  stalled(forMs: number): void {
    const toMs = this.#options.clock.now();
    this.#stalls.push({ fromMs: toMs - forMs, toMs });
    this.#shedding.stalled();
    if (this.#closing !== undefined) this.#closing.dueAtMs += forMs;
  }

  /** `close()` was called; it must answer within so many ms. Call the answer when it does. */
  closing(withinMs: number): () => void {
    const closing = { dueAtMs: this.#options.clock.now() + withinMs, answeredAtMs: undefined as number | undefined };
    this.#closing = closing;
    return () => {
      closing.answeredAtMs = this.#options.clock.now();
    };
  }

  /** The snapshot of the last moment that was judged. */
  get seen(): PoolSnapshot | undefined {
    return this.#previous;
  }

  /** Looks at this moment; every promise that is broken, in order. */
  judge(): readonly Violation[] {
    const observation = this.#observe();
    const violations: Violation[] = [];
    for (const { invariant, check } of this.#checks) {
      const seen = check(observation);
      if (seen !== undefined) violations.push(describe(invariant, seen, observation.nowMs));
    }
    this.#previous = observation.snapshot;
    this.#highestMax = observation.snapshot.size.max;
    this.#dials = [];
    this.#options.ledger.settled.length = 0;
    this.#shedding.judged();
    return violations;
  }

  #observe(): Observation {
    const { clock, simulated, ledger, timersPending, events } = this.#options;
    const snapshot = this.#requirePool().snapshot();
    return {
      nowMs: clock.now(),
      snapshot,
      previous: this.#previous,
      highestMax: Math.max(this.#highestMax, snapshot.size.max),
      truth: simulated.truth,
      ledger,
      dials: this.#dials,
      told: events === 'ignore' ? undefined : this.#told,
      timersPending: timersPending?.(),
      closing: this.#closing,
      shedding: this.#shedding,
      judgedAtMs: this.#judgedAtMs,
    };
  }

  #requirePool(): ObservedPool {
    if (this.#pool === undefined) throw new TypeError('attach() the pool before judge()');
    return this.#pool;
  }
}

function describe({ name, sentence }: Invariant, seen: string, atMs: number): Violation {
  return { invariant: name, atMs, message: `${name} broken at ${atMs} ms: ${seen}. (${sentence}.)` };
}
