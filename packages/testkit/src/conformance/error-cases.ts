/**
 * Owns the cases about names and errors: what a driver calls itself, what its errors mean, and what they may not show.
 * It must never know what the pool does about a class.
 */
import { classifyError, type Driver, type DriverPhase } from '@cryo/pool-core';
import type { ConformanceCase } from './case.ts';
import { attempt, describe, type Trial } from './trial.ts';

const PHASES: readonly DriverPhase[] = ['open', 'check', 'reset', 'use'];
const CLASSES: readonly unknown[] = [
  undefined,
  'connection-lost',
  'server-unavailable',
  'overloaded',
  'misconfigured',
  'conflict',
  'statement',
];

export const errorCases: readonly ConformanceCase[] = [
  {
    id: 'names',
    sentence: 'says what telemetry calls the system, and where the server is, without a secret',
    async run(trial) {
      const { name, server } = trial.driver;
      trial.expect(/^[a-z][a-z0-9._-]*$/.test(name), `name is ${describe(name)}, a lower-case name was expected`);
      for (const secret of trial.subject.secrets ?? []) {
        trial.expect(!JSON.stringify([name, server]).includes(secret), 'a secret stands in name or server');
      }
      if (server === undefined) return;
      trial.expect(server.address !== '', 'server.address is empty');
      const { port = 1 } = server;
      trial.expect(Number.isInteger(port) && port > 0 && port < 65_536, `server.port is ${port}`);
    },
  },
  {
    id: 'classify-total',
    sentence: 'answers one of the six classes, or undefined, to whatever was thrown in whatever phase',
    needs: ['classify'],
    async run(trial) {
      for (const thrown of oddities()) {
        for (const phase of PHASES) {
          const answer: unknown = trial.driver.classify?.(thrown, phase);
          trial.expect(CLASSES.includes(answer), `classify(${safely(thrown)}, '${phase}') answered ${safely(answer)}`);
        }
      }
    },
  },
  {
    id: 'classify-lost',
    sentence: 'calls the connection lost when work fails because the server has ended it',
    needs: ['breakConnection'],
    async run(trial) {
      const connection = await trial.open();
      await trial.within(
        'breakConnection',
        attempt(() => trial.subject.breakConnection?.(connection)),
      );
      const error = await trial.rejection(
        'a use of a dead connection',
        attempt(() => trial.subject.use(connection)),
      );
      expectClass(trial, trial.driver, error, 'use', ['connection-lost', 'server-unavailable']);
    },
  },
  {
    id: 'classify-statement',
    sentence: "calls a caller's own mistake a statement, and the connection goes on",
    needs: ['failStatement'],
    async run(trial) {
      const connection = await trial.open();
      const failing = attempt(() => trial.subject.failStatement?.(connection));
      expectClass(trial, trial.driver, await trial.rejection('the statement', failing), 'use', ['statement']);
      await trial.within('a use after a failed statement', trial.subject.use(connection));
    },
  },
  {
    id: 'classify-unreachable',
    sentence: 'calls the server unavailable when nobody listens',
    needs: ['createUnreachable'],
    async run(trial) {
      const driver = trial.subject.createUnreachable?.() ?? trial.driver;
      const error = await trial.rejection(
        'open() where nobody listens',
        attempt(() => driver.open(trial.context())),
      );
      expectClass(trial, driver, error, 'open', ['server-unavailable']);
    },
  },
  {
    id: 'classify-misconfigured',
    sentence: 'says that no retry can help when the server refuses the credentials or the database',
    needs: ['createMisconfigured'],
    async run(trial) {
      const driver = trial.subject.createMisconfigured?.() ?? trial.driver;
      const error = await trial.rejection(
        'open() with wrong settings',
        attempt(() => driver.open(trial.context())),
      );
      expectClass(trial, driver, error, 'open', ['misconfigured']);
    },
  },
  {
    id: 'secrets-named',
    sentence: 'names its secrets, so that they can be masked',
    needs: ['secrets'],
    async run(trial) {
      const drivers = [trial.driver, trial.subject.createMisconfigured?.()];
      const named = drivers.flatMap((driver) => driver?.secrets?.() ?? []);
      trial.expect(
        named.every((secret) => typeof secret === 'string'),
        'secrets() answered something else than strings',
      );
      for (const secret of trial.subject.secrets ?? []) {
        // The suite shows no secret either.
        trial.expect(named.includes(secret), `secrets() leaves out one of ${secret.length} characters`);
      }
    },
  },
];

function expectClass<Connection>(
  trial: Trial<Connection>,
  driver: Driver<Connection>,
  error: unknown,
  phase: DriverPhase,
  allowed: readonly string[],
): void {
  const errorClass = classifyError(driver, error, phase);
  trial.expect(
    allowed.includes(errorClass),
    `${describe(error)} in phase '${phase}' is ${errorClass}, ${allowed.join(' or ')} was expected`,
  );
}

function oddities(): readonly unknown[] {
  const circular = new Error('circular');
  circular.cause = circular;
  const hostile = new Proxy(new Error('hostile'), {
    get() {
      throw new Error('nobody may read this');
    },
  });
  const bare: object = Object.create(null);
  const coded = Object.assign(new Error('coded'), { code: 42 });
  return [undefined, null, 0, '', 'text', 42n, Symbol('s'), {}, [], () => {}, bare, coded, circular, hostile];
}

function safely(value: unknown): string {
  try {
    return describe(value);
  } catch {
    return 'something unreadable';
  }
}
