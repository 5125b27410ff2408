/**
 * Owns what befalls a server and its network in a soak: how each trouble begins, and how it is over.
 * It must never know the pool, nor judge how it bears anything.
 */
import type { ChaosProxy } from '@cryo/testkit/chaos';
import type { House } from '../chaos/stage/stage.ts';

/** What a trouble may touch. */
export interface TroubledGround extends House {
  readonly proxy: ChaosProxy;
  /** What the pool gives as its password from now on. */
  useWord(password: string): void;
}

export interface Trouble {
  readonly name: string;
  begin(ground: TroubledGround): unknown;
  /** Missing: over as soon as it has begun. */
  end?(ground: TroubledGround): unknown;
}

/** How long a trouble lasts that has an end. */
export const TROUBLE_MS = 1_200;

const FITTING = 4;
const WORDS = ['first-ice', 'second-ice'];
let turn = 0;

export const TROUBLES: readonly Trouble[] = [
  { name: 'killed sessions', begin: ({ door }) => door.endSessions() },
  { name: 'reset sockets', begin: ({ proxy }) => proxy.resetLinks() },
  { name: 'lost servers', begin: ({ proxy }) => proxy.loseServers() },
  { name: 'a silent network', begin: ({ proxy }) => proxy.apply({ kind: 'silence' }), end: heal },
  {
    name: 'a silent network, old sockets dead',
    begin: ({ proxy }) => proxy.apply({ kind: 'silence' }),
    end: ({ proxy }) => proxy.heal({ links: 'dead' }),
  },
  { name: 'latency', begin: ({ proxy }) => proxy.apply({ kind: 'latency', ms: 100 }), end: heal },
  {
    name: 'refused dials',
    async begin({ proxy }) {
      await proxy.apply({ kind: 'refusal' });
      proxy.resetLinks();
    },
    end: heal,
  },
  {
    name: 'a slow handshake',
    async begin({ proxy }) {
      await proxy.apply({ kind: 'bandwidth', bytesPerSecond: 20 });
      proxy.resetLinks();
    },
    end: heal,
  },
  { name: 'a frozen server', begin: ({ server }) => server.freeze(), end: ({ server }) => server.thaw() },
  {
    name: 'a full server',
    async begin({ door }) {
      await door.limitSessions(FITTING);
      await door.endSessions();
    },
    end: ({ door }) => door.limitSessions(undefined),
  },
  {
    name: 'another password',
    async begin({ door, useWord }) {
      turn += 1;
      const word = WORDS[turn % WORDS.length] ?? '';
      await door.setPassword(word);
      useWord(word);
      await door.endSessions();
    },
  },
  {
    name: 'a crash',
    async begin({ server }) {
      await server.kill();
      await server.start();
    },
  },
  {
    name: 'a restart',
    async begin({ server }) {
      await server.stop();
      await server.start();
    },
  },
];

function heal({ proxy }: TroubledGround): Promise<void> {
  return proxy.heal();
}
