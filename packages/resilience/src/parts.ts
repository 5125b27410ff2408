/**
 * Owns the judging of what a policy is built on, when a caller passes it in: clock, timers, registry.
 * Must never know what a policy does with them.
 */
import type { OptionCheck } from './options.ts';

const PARTS = {
  clock: { methods: ['now', 'wallNow'], expected: 'a clock, with now() and wallNow()' },
  timers: { methods: ['set', 'afterInput'], expected: 'timers, with set() and afterInput()' },
  registry: { methods: ['counter', 'gauge'], expected: 'a Registry' },
} as const;

/** Adds a fault for each part that is given and is not what it should be. */
export function checkParts(check: OptionCheck, given: { readonly [Part in keyof typeof PARTS]?: unknown }): void {
  for (const [name, { methods, expected }] of Object.entries(PARTS)) {
    const part = given[name as keyof typeof PARTS];
    if (part !== undefined && !methods.every((method) => hasMethod(part, method))) check.fault(name, part, expected);
  }
}

function hasMethod(part: unknown, method: string): boolean {
  return typeof part === 'object' && part !== null && typeof (part as Record<string, unknown>)[method] === 'function';
}
