/**
 * Owns the reading of whatever was thrown: what it is, what it holds, and what it says about itself when printed.
 * It must never know what a secret is, nor fail: a getter that throws has nothing to show.
 */

/** Printers look this method up; it is registered, so no import is needed. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** One thing that an object holds and a printer may show. */
export interface Part {
  readonly key: PropertyKey;
  readonly value: unknown;
  readonly enumerable: boolean;
}

/** How an object is read, and copied. */
export type Kind = 'error' | 'array' | 'plain' | 'map' | 'set' | 'bytes' | 'function' | 'instance';

/** The answer, or `undefined` when getting it throws. */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

export function kindOf(value: object): Kind {
  return attempt(() => readKind(value)) ?? 'plain';
}

function readKind(value: object): Kind {
  if (typeof value === 'function') return 'function';
  // The tag tells errors of another realm, as test runners make them.
  if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]') return 'error';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Map) return 'map';
  if (value instanceof Set) return 'set';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'bytes';
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? 'plain' : 'instance';
}

/** Everything an error holds, also what printers treat specially; of anything else, what is enumerable. */
export function partsOf(value: object, kind: Kind): Part[] {
  switch (kind) {
    case 'bytes':
      return [];
    case 'error':
      return [...ownParts(value), ...inheritedParts(value)];
    case 'map':
      return [...enumerableParts(value), ...entriesOf(value as Map<unknown, unknown>)];
    case 'set':
      return [...enumerableParts(value), ...[...(value as Set<unknown>)].map((held) => part('', held))];
    default:
      return enumerableParts(value);
  }
}

function part(key: PropertyKey, value: unknown): Part {
  return { key, value, enumerable: true };
}

/** The key of an entry is both a name and something that is held. */
function entriesOf(map: Map<unknown, unknown>): Part[] {
  return [...map].flatMap(([key, held]) => [part('', key), part(typeof key === 'string' ? key : '', held)]);
}

function enumerableParts(value: object): Part[] {
  return ownParts(value).filter((held) => held.enumerable);
}

function ownParts(value: object): Part[] {
  const keys = attempt(() => Reflect.ownKeys(value)) ?? [];
  return keys.flatMap((key) => {
    const descriptor = attempt(() => Reflect.getOwnPropertyDescriptor(value, key));
    if (descriptor === undefined) return [];
    const held = 'value' in descriptor ? descriptor.value : attempt(() => Reflect.get(value, key));
    return [{ key, value: held, enumerable: descriptor.enumerable === true }];
  });
}

/** What an error class answers by getters. A copy has no private fields for them to read, so it needs the answers. */
function inheritedParts(value: object): Part[] {
  const parts = new Map<PropertyKey, Part>();
  let holder = prototypeOf(value);
  while (holder !== null && holder !== Error.prototype && holder !== Object.prototype) {
    const from = holder;
    for (const key of attempt(() => Reflect.ownKeys(from)) ?? []) {
      const descriptor = attempt(() => Reflect.getOwnPropertyDescriptor(from, key));
      if (descriptor?.get === undefined || parts.has(key) || Object.hasOwn(value, key)) continue;
      parts.set(key, { key, value: attempt(() => Reflect.get(value, key)), enumerable: false });
    }
    holder = prototypeOf(from);
  }
  return [...parts.values()];
}

function prototypeOf(value: object): object | null {
  return attempt(() => Reflect.getPrototypeOf(value)) ?? null;
}

/** The methods through which an object speaks for itself when it is printed, unless they are the platform's plain ones. */
export const SPEAKING_METHODS: readonly PropertyKey[] = ['toJSON', INSPECT, 'toString'];

const PLAIN_METHODS: ReadonlySet<unknown> = new Set([
  Object.prototype.toString,
  Array.prototype.toString,
  Error.prototype.toString,
  Date.prototype.toString,
  Date.prototype.toJSON,
]);

export type SpeakingMethod = (this: object, ...inputs: readonly unknown[]) => unknown;

export function speakingMethod(value: object, key: PropertyKey): SpeakingMethod | undefined {
  const method = attempt(() => Reflect.get(value, key));
  return typeof method === 'function' && !PLAIN_METHODS.has(method) ? method : undefined;
}

/** What the object says about itself, in the order of {@link SPEAKING_METHODS}. */
export function speechOf(value: object, kind: Kind): unknown[] {
  if (kind === 'bytes' || kind === 'function') return [];
  return SPEAKING_METHODS.flatMap((key) => {
    const method = speakingMethod(value, key);
    if (method === undefined) return [];
    return [attempt(() => (key === INSPECT ? method.call(value, 2, {}, String) : method.call(value)))];
  });
}
