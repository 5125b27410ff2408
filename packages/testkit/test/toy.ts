/**
 * Owns a server that exists in memory only, and a driver for it that keeps the whole contract.
 * It must never know which of its promises a test will break.
 */
import type { Driver } from '@cryo/pool-core';
import type { CallContext } from '@cryo/resilience';
import type { DriverUnderTest } from '../src/index.ts';

const PASSWORD = 'open-sesame';

/** What fails with a code, as the errors of a network do. */
export class ToyError extends Error {
  override readonly name = 'ToyError';
  readonly code: string;

  constructor(code: string, message = code) {
    super(message);
    this.code = code;
  }
}

/** A connection to the toy server. */
export class ToyConnection {
  readonly #server: ToyServer;
  readonly #waiting = new Set<(error: Error) => void>();
  state: 'open' | 'lost' | 'destroyed' = 'open';
  /** Nothing comes back. */
  mute = false;
  /** What callers left on the session. */
  readonly session = new Map<string, string>();
  onBroken: ((error: unknown) => void) | undefined;

  constructor(server: ToyServer) {
    this.#server = server;
    server.connections.add(this);
  }

  /** One round trip. */
  ask<Answer>(answer: () => Answer): Promise<Answer> {
    if (this.state !== 'open') return Promise.reject(new ToyError('LOST', `the connection is ${this.state}`));
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      setTimeout(() => {
        if (this.mute || !this.#waiting.delete(reject)) return;
        try {
          resolve(answer());
        } catch (error) {
          reject(error);
        }
      }, 1);
    });
  }

  lose(): void {
    this.#leave('lost');
    this.onBroken?.(new ToyError('LOST', 'the server ended the connection'));
  }

  destroy(): void {
    this.#leave('destroyed');
  }

  #leave(state: 'lost' | 'destroyed'): void {
    this.state = state;
    this.#server.connections.delete(this);
    for (const reject of this.#waiting) reject(new ToyError('LOST', `the connection is ${state}`));
    this.#waiting.clear();
  }
}

export class ToyServer {
  readonly connections = new Set<ToyConnection>();

  driver(password = PASSWORD): Driver<ToyConnection> {
    return {
      name: 'toy',
      server: { address: 'memory', port: 1 },
      open: (context) => this.#dial(context, password),
      check: (connection) => connection.ask(() => undefined),
      reset: (connection) =>
        connection.session.size === 0 ? undefined : connection.ask(() => connection.session.clear()),
      close: async (connection) => {
        if (connection.state === 'open') await connection.ask(() => undefined);
        connection.destroy();
      },
      destroy: (connection) => connection.destroy(),
      watch(connection, broken) {
        connection.onBroken = broken;
        return () => {
          connection.onBroken = undefined;
        };
      },
      classify: (error) => (error instanceof ToyError ? CLASSES[error.code] : undefined),
      ref: () => {},
      unref: () => {},
      secrets: () => [password],
    };
  }

  /** A driver for a server where every dial ends like this. */
  dead(code: string): Driver<ToyConnection> {
    return { ...this.driver(), open: () => Promise.reject(new ToyError(code)) };
  }

  /** A driver for a server that says nothing until its caller gives up. */
  silent(): Driver<ToyConnection> {
    const open = ({ signal }: CallContext): Promise<ToyConnection> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return { ...this.driver(), open };
  }

  async #dial({ signal }: CallContext, password: string): Promise<ToyConnection> {
    await new Promise((resolve) => setTimeout(resolve, 3));
    if (password !== PASSWORD) throw new ToyError('DENIED', `the password ${password} is wrong`);
    if (signal.aborted) throw signal.reason;
    return new ToyConnection(this);
  }
}

const CLASSES: Readonly<Record<string, 'connection-lost' | 'server-unavailable' | 'misconfigured' | 'statement'>> = {
  LOST: 'connection-lost',
  REFUSED: 'server-unavailable',
  DENIED: 'misconfigured',
  MISTAKE: 'statement',
};

/** Everything that the suite may be given, for the toy. */
export function toySubject(server = new ToyServer()): DriverUnderTest<ToyConnection> & { readonly name: string } {
  return {
    name: 'a toy in memory',
    createDriver: () => server.driver(),
    use: (connection) => connection.ask(() => 'answered'),
    breakConnection: async (connection) => connection.lose(),
    silence: async (connection) => {
      connection.mute = true;
      return () => {
        connection.mute = false;
      };
    },
    countConnections: async () => server.connections.size,
    stains: {
      'a setting': {
        leave: (connection) => connection.ask(() => connection.session.set('setting', 'changed')),
        inspect: (connection) => connection.ask(() => connection.session.get('setting')),
      },
      'a temporary table': {
        leave: (connection) => connection.ask(() => connection.session.set('table', 'full')),
        inspect: (connection) => connection.ask(() => connection.session.has('table')),
      },
    },
    failStatement: (connection) =>
      connection.ask(() => {
        throw new ToyError('MISTAKE');
      }),
    createUnreachable: () => server.dead('REFUSED'),
    createSilent: () => server.silent(),
    createMisconfigured: () => server.driver('wrong-and-secret'),
    secrets: [PASSWORD, 'wrong-and-secret'],
    limitMs: 300,
  };
}
