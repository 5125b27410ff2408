import { simulatedDriver } from '@cryo/pool-core/testing';
import { systemClock, systemTimers } from '@cryo/resilience';
import { seededRandom } from '@cryo/resilience/testing';
import { describe, expect, it, test } from 'vitest';
import { toySubject } from '../../test/toy.ts';
import { driverConformance } from './conformance.ts';

driverConformance({ describe, it }, toySubject());

const simulated = simulatedDriver({ clock: systemClock, timers: systemTimers, random: seededRandom(1) });
const onPurpose = 'the simulated server keeps hung calls until it is told otherwise';

driverConformance(
  { describe, it },
  {
    name: 'the simulated server',
    createDriver: () => simulated.driver,
    use: (connection) => connection.query(),
    breakConnection: async (connection) => simulated.breakConnection(connection, 'once'),
    countConnections: async () => simulated.truth.held.size,
    stains: {
      'a session': {
        leave: async (connection) => {
          connection.session = 'stained';
        },
        inspect: async (connection) => connection.session,
      },
    },
    failStatement: async (connection) => {
      await connection.query();
      throw new Error('the caller made a mistake');
    },
    without: {
      silence: onPurpose,
      createSilent: onPurpose,
      createUnreachable: 'the state of the simulated server belongs to all its drivers',
      createMisconfigured: 'the state of the simulated server belongs to all its drivers',
      secrets: 'the simulated server has no secret',
      ref: 'a simulated connection keeps no process alive',
    },
  },
);

test('a suite without a driver names everything that it lacks', () => {
  const nothing = { describe: 1, it: undefined } as never;
  expect(() => driverConformance(nothing, { limitMs: 0 } as never)).toThrow(
    /runner\.describe is 1.*runner\.it is undefined.*name is undefined.*createDriver.*use.*limitMs is 0/,
  );
});

test('hands that are none, unknown or of another shape are told before any case is declared', () => {
  const subject = {
    ...{ name: 'toy', createDriver() {}, use() {}, silence: true, secrets: 's3cret', without: 'nothing', colour: 1 },
    stains: { 'a name': { leave() {}, read() {} }, 'a lock': 7 },
  };
  expect(() => driverConformance({ describe: () => expect.fail(), it }, subject as never)).toThrow(
    /colour.*silence is true.*secrets.*without.*a name\.inspect is undefined.*a lock\.leave.*a lock\.inspect/,
  );
  expect(() => driverConformance({ describe, it }, undefined as never)).toThrow(/subject is undefined/);
});
