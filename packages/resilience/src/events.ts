/**
 * Owns the telling of events: who listens to what, and that a listener that throws hurts nobody.
 * Must never know what an event means, nor run a listener later than the emit that it answers.
 */
import { type ListenerFailed, reportFault } from './hooks.ts';

interface Subscription {
  readonly listener: (event: never) => unknown;
}

const NOBODY: readonly Subscription[] = [];

/**
 * Tells listeners, synchronously and in the order in which they subscribed. `Events` maps each name to its one payload.
 * A list is never changed in place, so subscribing and unsubscribing inside a listener is safe: a new listener hears the
 * next event first, a removed one hears nothing more.
 */
export class Emitter<Events extends object> {
  #lists: Map<keyof Events, readonly Subscription[]> | undefined;
  readonly #listenerFailed: ListenerFailed | undefined;

  /** @param options `listenerFailed` hears what listeners throw, or reject with; what it throws itself is dropped */
  constructor(options?: { readonly listenerFailed?: ListenerFailed | undefined }) {
    this.#listenerFailed = options?.listenerFailed;
  }

  /** Subscribes, and gives the function that unsubscribes. Each call is a subscription of its own. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const subscription = { listener };
    this.#lists ??= new Map();
    this.#lists.set(name, [...this.#listOf(name), subscription]);
    return () => {
      const rest = this.#listOf(name).filter((other) => other !== subscription);
      this.#lists?.set(name, rest);
    };
  }

  /** Tells every listener. State must be settled before: a listener may call back into whoever emits. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const subscription of this.#listOf(name)) {
      if (this.#listOf(name).includes(subscription)) this.#tell(subscription, name, event);
    }
  }

  /** Whether anybody listens, so that a payload is only built when somebody does. */
  has(name: keyof Events): boolean {
    // Most have no listener at all, and some are asked several times for each lease.
    return this.#lists !== undefined && this.#listOf(name).length > 0;
  }

  removeAll(): void {
    this.#lists = undefined;
  }

  #listOf(name: keyof Events): readonly Subscription[] {
    return this.#lists?.get(name) ?? NOBODY;
  }

  #tell<Name extends keyof Events>({ listener }: Subscription, name: Name, event: Events[Name]): void {
    try {
      const answer = listener(event as never);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#failed(name, error));
    } catch (error) {
      this.#failed(name, error);
    }
  }

  #failed(name: keyof Events, error: unknown): void {
    reportFault(this.#listenerFailed, String(name), error);
  }
}
