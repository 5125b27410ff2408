/**
 * Owns the telling of events: who listens to what, and that a listener that throws hurts nobody.
 * Must never know what an event means, nor run a listener later than the emit that it answers.
 */

/** What went wrong in a listener, and which event it was listening to. */
export interface ListenerFault {
  readonly event: string;
  readonly error: unknown;
}

interface Subscription {
  listener: ((event: never) => unknown) | undefined;
}

/**
 * Tells listeners, synchronously and in the order in which they subscribed. `Events` maps each name to its one payload.
 * A list is never changed in place, so subscribing and unsubscribing inside a listener is safe: a new listener hears the
 * next event first, a removed one hears nothing more.
 */
export class Emitter<Events extends object> {
  #subscriptions: Map<keyof Events, readonly Subscription[]> | undefined;
  readonly #listenerFailed: ((fault: ListenerFault) => void) | undefined;

  /** @param options `listenerFailed` hears what listeners throw, or reject with; what it throws itself is dropped */
  constructor(options?: { readonly listenerFailed?: ((fault: ListenerFault) => void) | undefined }) {
    this.#listenerFailed = options?.listenerFailed;
  }

  /** Subscribes, and gives the function that unsubscribes. Each call is a subscription of its own. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const subscription: Subscription = { listener };
    this.#subscriptions ??= new Map();
    this.#subscriptions.set(name, [...(this.#subscriptions.get(name) ?? []), subscription]);
    return () => this.#remove(name, subscription);
  }

  /** Tells every listener. State must be settled before: a listener may call back into whoever emits. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const listeners = this.#subscriptions?.get(name);
    if (listeners === undefined) return;
    for (const subscription of listeners) this.#tell(subscription, name, event);
  }

  /** Whether anybody listens, so that a payload is only built when somebody does. */
  has(name: keyof Events): boolean {
    return this.#subscriptions?.has(name) ?? false;
  }

  removeAll(): void {
    for (const listeners of this.#subscriptions?.values() ?? []) {
      for (const subscription of listeners) subscription.listener = undefined;
    }
    this.#subscriptions = undefined;
  }

  #tell<Name extends keyof Events>(subscription: Subscription, name: Name, event: Events[Name]): void {
    try {
      const answer = subscription.listener?.(event as never);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#report(name, error));
    } catch (error) {
      this.#report(name, error);
    }
  }

  #report(name: keyof Events, error: unknown): void {
    try {
      this.#listenerFailed?.({ event: String(name), error });
    } catch {
      // The hook is the last to hear of faults: there is nobody left to tell.
    }
  }

  #remove(name: keyof Events, subscription: Subscription): void {
    subscription.listener = undefined;
    const rest = this.#subscriptions?.get(name)?.filter((other) => other !== subscription) ?? [];
    if (rest.length > 0) this.#subscriptions?.set(name, rest);
    else this.#subscriptions?.delete(name);
  }
}
