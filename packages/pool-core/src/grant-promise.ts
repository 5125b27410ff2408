/**
 * Owns the making of the promise that a waiting request gets, by a resolver alone.
 * It must never know who resolves it.
 */
import type { Settle } from './request.ts';

/** A promise and what resolves it. A refusal resolves it with a promise that rejects. */
interface Deferred<Grant> {
  readonly promise: Promise<Grant>;
  readonly settle: Settle<Grant>;
}

/*
 *   new Promise((resolve) => queue.push(resolve))             a closure for each request: 64 B that live as long as the call
 *   new Promise(capture); queue.push(captured.settle)         one function for all requests of the process
 *
 * The executor runs before `new Promise` returns, so nothing can come between the two. `reject` is not kept: 64 B less for
 * each waiter, against two microtasks more for each refusal. It is not even made where the engine sees that the executor is
 * always this one and never throws: hence a `const`, and a field, for a `let` may be read before it has a value.
 */
const captured: { settle: unknown } = { settle: undefined };

const capture = (resolve: unknown): void => {
  captured.settle = resolve;
};

export function deferGrant<Grant>(): Deferred<Grant> {
  const promise = new Promise<Grant>(capture);
  const settle = captured.settle as Settle<Grant>;
  captured.settle = undefined;
  return { promise, settle };
}
