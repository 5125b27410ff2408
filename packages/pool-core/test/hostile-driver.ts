/**
 * Owns a driver that breaks every rule of its contract at once, by chance from a seed: it throws, hangs, answers twice or too
 * late, fails with what throws when it is read, and calls the pool from within its own calls. It must never hold an expectation.
 */
import type { Random } from '@cryo/resilience';
import type { VirtualClock } from '@cryo/resilience/testing';
import type { Driver } from '../src/driver.ts';

export interface HostileConnection {
  readonly number: number;
}

/** What a hostile driver is made of. */
export interface HostileParts {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Called from within every call: it may do anything to the pool. */
  readonly meddle: () => void;
  /** From then on it keeps to its contract. */
  readonly isTame: () => boolean;
}

const MOST_LATE_MS = 7_000;

function throwing(property: string): Error {
  return Object.defineProperty(new Error('hostile'), property, {
    get() {
      throw new Error('read');
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Whatever can be thrown. */
export function strangeError(random: Random): unknown {
  const all = [
    ...[undefined, null, 'no', 42, 10n, Symbol('no'), () => {}, Object.create(null), new Error('plain'), revoked()],
    ...[
      Object.freeze(new Error('frozen')),
      throwing('message'),
      throwing('stack'),
      throwing('cause'),
      throwing('code'),
    ],
  ];
  return all[Math.floor(random() * all.length)];
}

const CLASSES = ['connection-lost', 'server-unavailable', 'overloaded', 'misconfigured', 'statement', 'conflict'];

/** The ways in which it answers, and does not. */
function manners({ clock, random, meddle, isTame }: HostileParts) {
  const chance = (share: number) => !isTame() && random() < share;
  const wait = (ms: number, run: () => void) => void clock.set(ms, run, { background: false });
  const throwSometimes = () => {
    meddle();
    if (chance(0.08)) throw strangeError(random);
  };
  const later = <Answer>(answer: Answer) =>
    new Promise<Answer>((resolve, reject) => {
      wait(random() * (chance(0.1) ? MOST_LATE_MS : 20), () => {
        meddle();
        if (chance(0.1)) reject(strangeError(random));
        else resolve(answer);
      });
    });
  const answer = <Answer>(value: Answer): Promise<Answer> => {
    throwSometimes();
    if (isTame()) return Promise.resolve(value);
    if (chance(0.12)) return Promise.reject(strangeError(random));
    if (chance(0.06)) return new Promise(() => {});
    // biome-ignore lint/suspicious/noThenProperty: an answer that is no promise, and comes twice
    if (chance(0.06)) return { then: (told: (value: Answer) => void) => [told(value), told(value)] } as never;
    return chance(0.05) ? (value as never) : later(value);
  };
  return { chance, wait, throwSometimes, answer };
}

export function hostileDriver(parts: HostileParts): Driver<HostileConnection> {
  const { random } = parts;
  const { chance, wait, throwSometimes, answer } = manners(parts);
  let connections = 0;
  return {
    name: 'hostile',
    open: () => answer({ number: ++connections }),
    check: () => answer(undefined),
    close: () => answer(undefined),
    reset: () => (chance(0.5) ? answer(undefined) : throwSometimes()),
    destroy: throwSometimes,
    watch(_connection, broken) {
      throwSometimes();
      const say = () => [broken(strangeError(random)), broken(strangeError(random))];
      if (chance(0.05)) say();
      if (chance(0.2)) wait(random() * 500, say);
      return throwSometimes;
    },
    classify() {
      throwSometimes();
      return chance(0.7) ? ([...CLASSES, 'nonsense'][Math.floor(random() * 7)] as never) : undefined;
    },
    ref: throwSometimes,
    unref: throwSometimes,
    secrets() {
      throwSometimes();
      return ['hunter2'];
    },
  };
}
