/**
 * Owns one breaker for each of many keys: made at the first call, kept while it is used, and never too many of them.
 * Must never know how a breaker decides.
 */
import { Emitter, type EventNames } from '../events.ts';
import { faultsOf, throwFaults } from '../option-rules.ts';
import { circuitBreaker } from './breaker.ts';
import type { BreakerEvents, CircuitBreaker } from './contract.ts';
import { KeyLabels } from './key-labels.ts';
import { type Kept, KeyStore } from './key-store.ts';
import { type KeyedBreakersOptions, type KeyedSettings, keyedSettings } from './keyed-options.ts';
import { type BreakerState, stillRefuses } from './state.ts';

/** What keyed breakers tell, after it has happened. */
export interface KeyedBreakersEvents {
  /** The breaker of a key has gone from one state to another. */
  'state-changed': BreakerEvents['state-changed'] & { readonly key: string };
  /** A breaker is no longer kept. `idle`: nobody asked for it; `full`: others needed its place; `forgotten`: by hand. */
  'key-dropped': {
    readonly key: string;
    readonly reason: 'idle' | 'full' | 'forgotten';
    readonly state: BreakerState;
  };
}

const EVENTS: EventNames<KeyedBreakersEvents> = { 'state-changed': true, 'key-dropped': true };

/** One of the breakers. */
export interface KeyedBreakerReading {
  /** The key that was asked for. */
  readonly key: string;
  /** Its state as the last operation left it. */
  readonly state: BreakerState;
  /** How long ago it was asked for or changed its state, in ms, or was found to refuse still when it would have been idle. */
  readonly idleForMs: number;
}

/** A breaker for each key. */
export interface KeyedBreakers {
  /** As in the options: the first part of the name of each breaker. */
  readonly name: string;
  /** How many breakers are kept. Idle ones are among them until somebody asks for a new key or for a snapshot. */
  readonly size: number;
  /**
   * The breaker of a key. Ask for it at every call instead of keeping it: one that is no longer kept here works on, but
   * whoever asks next gets another.
   *
   * @throws InvalidOptionsError when the key is not a string
   */
  get(key: string): CircuitBreaker;
  /** Drops the breaker of a key that will not come again. False when there was none. */
  forget(key: string): boolean;
  /** Every breaker, those in trouble first. */
  snapshot(): readonly KeyedBreakerReading[];
  /**
   * Listens; the answer ends it. A listener that throws changes nothing.
   *
   * @throws InvalidOptionsError when there is no such event, or the listener is not a function
   */
  on<Name extends keyof KeyedBreakersEvents>(
    name: Name,
    listener: (event: KeyedBreakersEvents[Name]) => void,
  ): () => void;
}

/**
 * A breaker for each host, tenant or shard, so that one that fails does not take the others with it.
 *
 *     const hosts = keyedBreakers({ name: 'hosts', breaker: { trip: consecutiveFailures(5), openForMs: 30_000 } });
 *     await hosts.get(url.host).execute(() => fetch(url));
 *
 * When there are too many keys the least recently used goes: a closed breaker before one that recovers, that one before any
 * that is open or half-open, an isolated one last. What has been idle for `idleMs` goes before anything else, except if it is
 * isolated, or its open time or its ramp is not over. No timers: whoever asks pays for that.
 *
 * @throws InvalidOptionsError listing every fault
 */
export function keyedBreakers(options: KeyedBreakersOptions): KeyedBreakers {
  return new BreakerMap(keyedSettings(options));
}

const RANKS = { closed: 0, recovering: 1, open: 2, 'half-open': 2, isolated: 3 } as const;
const RANK_COUNT = 4;
const RANKS_THAT_IDLE = [RANKS.closed, RANKS.recovering, RANKS.open];

/** Whoever recovers still refuses, and would be closed for all calls when next asked for. */
function rankOf({ state }: CircuitBreaker, now: number): number {
  return state.name === 'closed' && stillRefuses(state, now) ? RANKS.recovering : RANKS[state.name];
}

type Dropped = KeyedBreakersEvents['key-dropped'];

class BreakerMap implements KeyedBreakers {
  readonly #settings: KeyedSettings;
  readonly #store = new KeyStore<CircuitBreaker>(RANK_COUNT);
  readonly #labels: KeyLabels | undefined;
  readonly #emitter: Emitter<KeyedBreakersEvents>;

  constructor(settings: KeyedSettings) {
    const { name, metricKeys } = settings;
    const { registry, listenerFailed } = settings.breaker;
    const readOther = (state: string): number => Number(this.#isAnyOther(state));
    this.#settings = settings;
    this.#labels = registry && new KeyLabels({ registry, name, metricKeys, readOther });
    this.#emitter = new Emitter({ listenerFailed, owner: `keyedBreakers '${name}'`, names: EVENTS });
  }

  get name(): string {
    return this.#settings.name;
  }

  get size(): number {
    return this.#store.size;
  }

  get(key: string): CircuitBreaker {
    const now = this.#settings.clock.now();
    const kept = this.#store.find(key);
    if (kept === undefined || this.#isIdle(kept, now)) return this.#make(key, now);
    const { rank, value } = kept;
    // Nobody is told when a ramp ends.
    if (rank === RANKS.recovering && rankOf(value, now) === RANKS.closed) this.#store.move(key, RANKS.closed, now);
    else this.#store.use(kept, now);
    return value;
  }

  forget(key: string): boolean {
    const kept = this.#store.find(key);
    if (kept !== undefined) this.#tell([this.#drop(key, kept.value, 'forgotten')]);
    return kept !== undefined;
  }

  snapshot(): readonly KeyedBreakerReading[] {
    const now = this.#settings.clock.now();
    this.#tell(this.#dropIdle(now));
    const readings = this.#store
      .all()
      .map(({ key, value, usedAt }) => ({ key, state: value.state, idleForMs: now - usedAt }));
    return readings.reverse();
  }

  on<Name extends keyof KeyedBreakersEvents>(
    name: Name,
    listener: (event: KeyedBreakersEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  #make(key: string, now: number): CircuitBreaker {
    throwFaults(`keyedBreakers '${this.name}'`, faultsOf('string', 'key', key));
    const dropped = this.#dropIdle(now);
    const first = this.#store.size < this.#settings.maximumKeys ? undefined : this.#store.first();
    if (first !== undefined) dropped.push(this.#drop(first.key, first.value, 'full'));
    const breaker = circuitBreaker({
      ...this.#settings.breaker,
      name: `${this.name}/${key}`,
      registry: this.#labels?.registryFor(key),
    });
    breaker.on('state-changed', (change) => this.#follow(key, breaker, change));
    this.#store.add(key, breaker, now);
    this.#tell(dropped);
    return breaker;
  }

  #follow(key: string, breaker: CircuitBreaker, change: BreakerEvents['state-changed']): void {
    if (this.#store.find(key)?.value !== breaker) return; // it is no longer kept, but in somebody's hands
    const now = this.#settings.clock.now();
    this.#store.move(key, rankOf(breaker, now), now);
    if (this.#emitter.has('state-changed')) this.#emitter.emit('state-changed', { ...change, key });
  }

  #isIdle(kept: Kept<CircuitBreaker>, now: number): boolean {
    return this.#isUnused(kept, now) && !stillRefuses(kept.value.state, now);
  }

  #isUnused({ rank, usedAt }: Kept<CircuitBreaker>, now: number): boolean {
    return now - usedAt >= this.#settings.idleMs && rank !== RANKS.isolated;
  }

  #dropIdle(now: number): Dropped[] {
    const dropped: Dropped[] = [];
    for (const rank of RANKS_THAT_IDLE) {
      let first = this.#store.firstOf(rank);
      while (first !== undefined && this.#isUnused(first, now)) {
        if (this.#isIdle(first, now)) dropped.push(this.#drop(first.key, first.value, 'idle'));
        else this.#store.use(first, now);
        first = this.#store.firstOf(rank);
      }
    }
    return dropped;
  }

  #drop(key: string, { state }: CircuitBreaker, reason: Dropped['reason']): Dropped {
    this.#store.delete(key);
    this.#labels?.forget(key);
    return { key, reason, state };
  }

  #tell(dropped: readonly Dropped[]): void {
    for (const event of dropped) this.#emitter.emit('key-dropped', event);
  }

  #isAnyOther(state: string): boolean {
    return this.#store
      .all()
      .some(({ key, value }) => value.state.name === state && this.#labels?.isOther(key) === true);
  }
}
