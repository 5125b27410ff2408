/**
 * Owns the moves that many cases begin with: a circuit opened, a probe sent.
 * It must never know a library, nor what a case asserts.
 */
import { Call } from './call.ts';
import { presume } from './defect-case.ts';
import type { Breaker } from './library.ts';
import type { World } from './world.ts';

export const OPEN_FOR_MS = 1_000;
export const FAILURES = 2;
const MOST_FAILURES = 20;

/** For `breaker`: two failures open it for a second. */
export const QUICK = { failures: FAILURES, openForMs: OPEN_FOR_MS } as const;

/** A call that stays under way, and everything that happens at once because of it. */
export async function place(breaker: Breaker, world: World, signal?: AbortSignal): Promise<Call> {
  const call = new Call((work) => breaker.call(work, signal));
  await world.settle();
  return call;
}

/** A call that fails at once. */
export async function failOnce(breaker: Breaker, world: World, error?: unknown): Promise<Call> {
  const call = await place(breaker, world);
  call.fail(error);
  await world.settle();
  return call;
}

/** Fails until it opens. A library that judges by the share of failures may take more of them than were asked for. */
export async function openUp(breaker: Breaker, world: World): Promise<void> {
  let failures = 0;
  while (failures < MOST_FAILURES && (await failOnce(breaker, world)).started) failures++;
  presume(failures < MOST_FAILURES, `it did not open after ${MOST_FAILURES} failures`);
}

/** Waits for the end of the open time and sends the probe. */
export async function sendProbe(breaker: Breaker, world: World, signal?: AbortSignal): Promise<Call> {
  await world.advance(OPEN_FOR_MS + 1);
  const probe = await place(breaker, world, signal);
  presume(probe.started, 'it sent no probe once its open time was over');
  return probe;
}
