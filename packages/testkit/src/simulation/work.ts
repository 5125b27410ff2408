/**
 * Owns the work that callers let the pool run: how long it lasts, what it looks at, and how it ends.
 * It must never know which connection it gets, nor judge what the pool makes of it.
 */
import type { UseContext } from '@cryo/pool-core';
import type { SimulatedConnection } from '@cryo/pool-core/testing';
import type { Ask } from './asking.ts';

/** How the work of `use` goes. */
export interface Work extends Ask {
  /** `'at-once'`: it answers, or throws, before it returns. */
  readonly lastsMs: number | 'at-once';
  /** What it throws in the end; `undefined`: it succeeds. */
  readonly fails?: Error | undefined;
  /** Whether it asks for its signal. */
  readonly listens?: boolean;
}

/** The longest that work lasts, in ms: longer than some pools lend. */
export const LONGEST_WORK_MS = 400;

/** What `use` answers when all went well. */
export const WORKED = 'worked';

/** The function for `use`. `begin` is told of the connection, and answers what is called when the work is over. */
export function workOf(
  { lastsMs, fails, listens }: Work,
  wait: (ms: number) => Promise<void>,
  begin: (connection: SimulatedConnection) => () => void,
): (connection: SimulatedConnection, context: UseContext) => string | Promise<string> {
  return (connection, context) => {
    const over = begin(connection);
    if (listens === true) context.signal.addEventListener('abort', () => {});
    const end = (): string => {
      over();
      if (fails !== undefined) throw fails;
      return WORKED;
    };
    return lastsMs === 'at-once' ? end() : wait(lastsMs).then(end);
  };
}
