/**
 * Owns a call whose end is in the hands of a case, and what became of it.
 * It must never know through what it goes.
 */

export type Work = () => Promise<unknown>;

export type Ending =
  | { readonly kind: 'pending' }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** Follows a promise, so that one which never settles can be told from the others. */
export class Watched {
  ending: Ending = { kind: 'pending' };

  constructor(promise: Promise<unknown>) {
    promise.then(
      (value) => {
        this.ending = { kind: 'result', value };
      },
      (error) => {
        this.ending = { kind: 'error', error };
      },
    );
  }
}

/** A call that goes on until the case ends it. */
export class Call {
  /** Whether its work was begun: whether it was let through. */
  started = false;
  readonly #watched: Watched;
  #settle: ((ending: Promise<unknown>) => void) | undefined;

  constructor(place: (work: Work) => Promise<unknown>) {
    const promise = new Promise<unknown>((resolve) => {
      this.#settle = resolve;
    });
    const work = (): Promise<unknown> => {
      this.started = true;
      return promise;
    };
    this.#watched = new Watched(place(work));
  }

  get ending(): Ending {
    return this.#watched.ending;
  }

  succeed(value: unknown = 'done'): void {
    this.#settle?.(Promise.resolve(value));
  }

  fail(error: unknown = new Error('the server is down')): void {
    this.#settle?.(Promise.reject(error));
  }
}
