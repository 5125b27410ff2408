/**
 * Owns the assertions of `node:assert` that examples use, for runtimes that have no such module.
 * It must never know the platform, nor be more lenient than what it stands in for.
 */

export interface Assertions {
  (condition: unknown, message?: string): asserts condition;
  equal(actual: unknown, expected: unknown): void;
  deepEqual(actual: unknown, expected: unknown): void;
  match(text: string, pattern: RegExp): void;
  throws(run: () => unknown, expected?: Expected): void;
  rejects(work: PromiseLike<unknown> | (() => PromiseLike<unknown>), expected?: Expected): Promise<void>;
}

/** What an error has to be: its text matches, or it has these properties. */
type Expected = RegExp | object;

class StandInAssertionError extends Error {
  override name = 'AssertionError';
}

function truthy(condition: unknown, message?: string): asserts condition {
  if (!condition) fail(message ?? `expected something truthy, got ${show(condition)}`);
}

export const standIn: Assertions = Object.assign(truthy, {
  equal(actual: unknown, expected: unknown): void {
    if (actual !== expected && !Object.is(actual, expected)) fail(`expected ${show(expected)}, got ${show(actual)}`);
  },
  deepEqual(actual: unknown, expected: unknown): void {
    if (!isSame(actual, expected)) fail(`expected ${show(expected)}, got ${show(actual)}`);
  },
  match(text: string, pattern: RegExp): void {
    if (!pattern.test(text)) fail(`expected ${show(text)} to match ${pattern}`);
  },
  throws(run: () => unknown, expected?: Expected): void {
    try {
      run();
    } catch (error) {
      return judge(error, expected);
    }
    fail('expected an error, and none was thrown');
  },
  async rejects(work: PromiseLike<unknown> | (() => PromiseLike<unknown>), expected?: Expected): Promise<void> {
    const settled = await Promise.allSettled([typeof work === 'function' ? work() : work]);
    if (settled[0].status === 'fulfilled') fail('expected a rejection, and there was none');
    else judge(settled[0].reason, expected);
  },
});

function judge(error: unknown, expected: Expected | undefined): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) return standIn.match(String(error), expected);
  for (const [name, wanted] of Object.entries(expected)) {
    const found = (Object(error) as Record<string, unknown>)[name];
    if (!isSame(found, wanted)) fail(`expected an error with ${name} ${show(wanted)}, got ${show(found)}`);
  }
}

function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  const [ours, theirs] = [Object.entries(left), new Map(Object.entries(right))];
  return ours.length === theirs.size && ours.every(([key, value]) => theirs.has(key) && isSame(value, theirs.get(key)));
}

function fail(message: string): never {
  throw new StandInAssertionError(message);
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
}
