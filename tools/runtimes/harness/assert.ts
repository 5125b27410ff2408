/**
 * Owns the assertions of a case: `node:assert` where the runtime has it, the stand-in elsewhere, each one counted.
 * It must never know what is asserted.
 */
import { type Assertions, standIn } from './stand-in.ts';

interface Platform {
  readonly process?: { getBuiltinModule?(name: string): object | undefined };
}

let made = 0;

/** How many assertions were made so far. */
export function assertionsMade(): number {
  return made;
}

/** One was made elsewhere. */
export function countAssertion(): void {
  made += 1;
}

function counted<Target extends object>(target: Target): Target {
  return new Proxy(target, {
    apply(run, self, parameters) {
      countAssertion();
      return Reflect.apply(run as Target & ((...parameters: unknown[]) => unknown), self, parameters);
    },
    get(owner, name) {
      const value: unknown = Reflect.get(owner, name);
      return typeof value === 'function' ? counted(value) : value;
    },
  });
}

const platform = (globalThis as Platform).process?.getBuiltinModule?.('node:assert') as Assertions | undefined;

// The examples import `node:assert` by its default export, and this stands in its place.
const assert: Assertions = counted(platform ?? standIn);
export default assert;
