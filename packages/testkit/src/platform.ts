/**
 * Owns what is needed of the platform beyond the language: abort signals, and word of what escapes to the process.
 * It must never know a pool.
 */
import type { AbortSignal } from '@cryo/resilience';

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

interface Platform {
  readonly AbortController: new () => AbortController;
  readonly process?: {
    on(event: EscapeEvent, listener: (error: unknown) => void): void;
    off(event: EscapeEvent, listener: (error: unknown) => void): void;
  };
}

type EscapeEvent = 'unhandledRejection' | 'uncaughtException';

const platform = globalThis as object as Platform;

/** A signal that knows how many listeners it has. */
export class CountedAbort {
  readonly #controller = new platform.AbortController();
  /** Listeners that were added and neither removed nor called. */
  listeners = 0;

  constructor() {
    const { signal } = this.#controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    const counted = {
      addEventListener: (...parameters: Parameters<typeof add>): void => {
        this.listeners++;
        add(...parameters);
      },
      removeEventListener: (...parameters: Parameters<typeof remove>): void => {
        this.listeners--;
        remove(...parameters);
      },
    };
    Object.assign(signal, counted);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#controller.signal.aborted;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.listeners = 0;
  }
}

/** Hears of every unhandled rejection until the answer is called; where the platform does not tell, of none. */
export function hearUnhandledRejections(listener: (reason: unknown) => void): () => void {
  platform.process?.on('unhandledRejection', listener);
  return () => platform.process?.off('unhandledRejection', listener);
}

/** Hears of everything that nobody caught, rejections and throws, until the answer is called. */
export function hearEscapes(listener: (what: string, error: unknown) => void): () => void {
  const thrown = (error: unknown): void => listener('an uncaught exception', error);
  const unhear = hearUnhandledRejections((reason) => listener('an unhandled rejection', reason));
  platform.process?.on('uncaughtException', thrown);
  return () => {
    unhear();
    platform.process?.off('uncaughtException', thrown);
  };
}

/**
 * Switches stack traces off until the answer is called, where the platform can: a simulated bad day makes errors by the
 * hundred, and their traces would cost a third of its time. A replay keeps them.
 */
export function forgoStackTraces(): () => void {
  const errors = Error as { stackTraceLimit?: number };
  const limit = errors.stackTraceLimit;
  if (limit === undefined) return () => {};
  errors.stackTraceLimit = 0;
  return () => {
    errors.stackTraceLimit = limit;
  };
}
