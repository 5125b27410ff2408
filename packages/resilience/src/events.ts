/**
 * Owns the telling of events: who listens to what, and that a listener that throws hurts nobody.
 * Must never know what an event means, nor run a listener later than the emit that it answers.
 */
import { askHook, type HookOwner } from './hooks.ts';
import { checkOptions, faultsOf, oneOf, throwFaults } from './option-rules.ts';

interface Subscription {
  readonly listener: (event: never) => void;
}

/** What an emitter may be told when it is made. */
export interface EmitterOptions<Events extends object> extends HookOwner {
  /** Who tells, for the error that a wrong subscription gets. Default `Emitter`. */
  readonly owner?: string | undefined;
  /** Every event there is; without it any name can be listened to. */
  readonly names?: EventNames<Events> | undefined;
}

/** Every event once, as its key: so that the compiler misses what is not there. */
export type EventNames<Events extends object> = Readonly<Record<keyof Events, true>>;

const RULES = { listenerFailed: 'function', owner: 'string', names: 'object' } as const;

const NOBODY: readonly Subscription[] = [];

/**
 * Tells listeners, synchronously and in the order in which they subscribed. `Events` maps each name to its one payload.
 * A list is never changed in place, so subscribing and unsubscribing inside a listener is safe: a new listener hears the
 * next event first, a removed one hears nothing more.
 */
export class Emitter<Events extends object> {
  /** Only names that somebody listens to. */
  #lists: Map<keyof Events, readonly Subscription[]> | undefined = undefined;
  readonly #options: EmitterOptions<Events>;

  /** @throws InvalidOptionsError listing every fault */
  constructor(options: EmitterOptions<Events> = {}) {
    this.#options = checkOptions('Emitter', options, RULES);
  }

  /**
   * Subscribes, and gives the function that unsubscribes. Each call is a subscription of its own.
   *
   * @throws InvalidOptionsError when there is no such event, or the listener is not a function
   */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const { owner = 'Emitter', names } = this.#options;
    const faults = names === undefined ? [] : faultsOf(oneOf(...Object.keys(names)), 'event', name);
    throwFaults(`${owner}: on`, [...faults, ...faultsOf('function', 'listener', listener)]);
    const subscription = { listener };
    this.#lists ??= new Map();
    this.#lists.set(name, [...this.#listOf(name), subscription]);
    return () => {
      const others = this.#listOf(name).filter((other) => other !== subscription);
      if (others.length > 0) this.#lists?.set(name, others);
      else this.#lists?.delete(name);
    };
  }

  /** Tells every listener. State must be settled before: a listener may call back into whoever emits. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const subscription of this.#listOf(name)) {
      if (!this.#listOf(name).includes(subscription)) continue;
      askHook(this.#options, String(name), () => subscription.listener(event as never));
    }
  }

  /** Whether anybody listens, so that a payload is only built when somebody does. */
  has(name: keyof Events): boolean {
    // Most have no listener at all, and some are asked several times for each lease: docs/decisions/0016-the-short-way.md.
    return this.#lists?.has(name) ?? false;
  }

  /** Nobody hears anything any more, until somebody subscribes anew. */
  removeAll(): void {
    this.#lists = undefined;
  }

  #listOf(name: keyof Events): readonly Subscription[] {
    return this.#lists?.get(name) ?? NOBODY;
  }
}
