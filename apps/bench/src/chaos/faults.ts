/**
 * Owns the matrix: each fault with what it does to the network or the server, and what is required.
 * It must never know a contender.
 */
import { LIMITS } from './contender.ts';
import {
  type ChaosFault,
  dialsAtMost,
  failedAtMost,
  NO_LONGER_THAN_PEERS,
  recoveredWithin,
  refusedWithin,
} from './fault.ts';
import type { Scene } from './stage/stage.ts';

const IN_FLIGHT = failedAtMost(LIMITS.max);
/** Probes come about once a second. */
const NEXT_PROBE_MS = 1_200;
/** Connections that fit while the server is full. */
const FITTING = 10;
/** Dials allowed beside them: one for each of the 3 s, and those three that are under way when the server first says no. */
const BEYOND = 3 + 3;
const NEW_PASSWORD = 'second-ice';

const atOnce: readonly ChaosFault[] = [
  {
    name: 'terminate',
    title: 'the server ends every session',
    strike: ({ door }) => door.endSessions(),
    required: [IN_FLIGHT, recoveredWithin(100)],
  },
  {
    name: 'crash',
    title: 'the server is killed and started again',
    async strike({ server }) {
      await server.kill();
      await server.start();
    },
    required: [dialsAtMost(30), recoveredWithin(NEXT_PROBE_MS)],
  },
  {
    name: 'reset',
    title: 'every connection is reset',
    strike: async ({ proxy }) => proxy.resetLinks(),
    required: [IN_FLIGHT, recoveredWithin(100)],
  },
  {
    name: 'half-open',
    title: 'the server’s end of every connection is gone, and nobody is told',
    strike: async ({ proxy }) => proxy.loseServers(),
    // Who is lent one that lay idle finds out at the deadline of the operation.
    aftermathMs: 500 + LIMITS.operationMs,
    required: [IN_FLIGHT, recoveredWithin(LIMITS.operationMs + 1_000)],
  },
  {
    name: 'rotate',
    title: 'the password is changed, and every session ended',
    async strike({ door, player }) {
      await door.setPassword(NEW_PASSWORD);
      await player.ask({ ask: 'password', password: NEW_PASSWORD });
      await door.endSessions();
    },
    required: [IN_FLIGHT, recoveredWithin(100)],
  },
  {
    name: 'demote',
    title: 'another server becomes the one that takes writes',
    callers: 'write',
    async strike({ door, proxy, standby }) {
      const { server } = await standby();
      // In this order: a dial between the two would be told to come again later, by chance.
      proxy.redirect(server);
      await door.setMode('read-only');
    },
    required: [IN_FLIGHT, recoveredWithin(100)],
  },
];

const forAWhile: readonly ChaosFault[] = [
  {
    name: 'refuse',
    title: 'connections are reset, and new ones refused',
    async strike({ proxy }) {
      await proxy.apply({ kind: 'refusal' });
      proxy.resetLinks();
    },
    heal,
    required: [dialsAtMost(30), recoveredWithin(NEXT_PROBE_MS), refusedWithin(5)],
  },
  {
    name: 'silence',
    title: 'no byte passes, then all that were held',
    strike: ({ proxy }) => proxy.apply({ kind: 'silence' }),
    heal,
    required: [IN_FLIGHT, dialsAtMost(30), recoveredWithin(1_000)],
  },
  {
    name: 'silence-dead',
    title: 'no byte passes, and never again on old connections',
    strike: ({ proxy }) => proxy.apply({ kind: 'silence' }),
    heal: ({ proxy }) => proxy.heal({ links: 'dead' }),
    required: [IN_FLIGHT, dialsAtMost(30), recoveredWithin(1_000)],
  },
  {
    name: 'latency',
    title: '300 ms more, each way',
    strike: ({ proxy }) => proxy.apply({ kind: 'latency', ms: 300 }),
    heal,
    required: [failedAtMost(0), NO_LONGER_THAN_PEERS],
  },
  {
    name: 'slow-loris',
    title: 'connections are reset, and new ones get 20 bytes a second',
    async strike({ proxy }) {
      await proxy.apply({ kind: 'bandwidth', bytesPerSecond: 20 });
      proxy.resetLinks();
    },
    heal,
    required: [IN_FLIGHT, dialsAtMost(30), recoveredWithin(NEXT_PROBE_MS)],
  },
  {
    name: 'bandwidth',
    title: '10 kB a second for each connection',
    strike: ({ proxy }) => proxy.apply({ kind: 'bandwidth', bytesPerSecond: 10_000 }),
    heal,
    required: [failedAtMost(0)],
  },
  {
    name: 'full',
    title: `every session is ended, and only ${FITTING} fit`,
    async strike({ door }) {
      await door.limitSessions(FITTING);
      await door.endSessions();
    },
    heal: ({ door }) => door.limitSessions(undefined),
    required: [IN_FLIGHT, dialsAtMost(FITTING + BEYOND), recoveredWithin(100)],
  },
  {
    name: 'name',
    title: 'every session is ended, and the name resolves no more',
    async strike({ door, player }) {
      await player.ask({ ask: 'names', are: 'unknown' });
      await door.endSessions();
    },
    heal: async ({ player }) => void (await player.ask({ ask: 'names', are: 'known' })),
    required: [dialsAtMost(30), recoveredWithin(NEXT_PROBE_MS)],
  },
];

export const FAULTS: readonly ChaosFault[] = [...atOnce, ...forAWhile];

/** @throws RangeError naming those there are. */
export function faultNamed(name: string): ChaosFault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`The fault is '${name}', expected one of ${FAULTS.map((fault) => fault.name).join(', ')}`);
}

function heal({ proxy }: Scene): Promise<void> {
  return proxy.heal();
}
