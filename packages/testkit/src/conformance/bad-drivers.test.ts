import type { Driver } from '@cryo/pool-core';
import { expect, test } from 'vitest';
import { type ToyConnection, ToyError, ToyServer, toySubject } from '../../test/toy.ts';
import { conformanceCases } from './conformance.ts';
import type { DriverUnderTest } from './subject.ts';
import { Trial } from './trial.ts';

type Toy = Driver<ToyConnection>;
type Bad = (good: Toy, server: ToyServer) => Partial<Toy>;

const never = (): Promise<never> => new Promise(() => {});
const failing = (code: string) => () => Promise.reject(new ToyError(code));

/** One driver for each case, which breaks the promise that the case is about. */
const BAD_DRIVERS: Readonly<Record<string, Bad>> = {
  'open-works': (good) => ({
    async open(context) {
      const connection = await good.open(context);
      connection.lose();
      return connection;
    },
  }),
  'open-separate': (good) => {
    let shared: Promise<ToyConnection> | undefined;
    return {
      open(context) {
        shared ??= good.open(context);
        return shared;
      },
    };
  },
  'open-aborted': (_good, server) => ({
    async open({ signal }) {
      const connection = await server.driver().open({ signal: new AbortController().signal } as never);
      if (signal.aborted) throw signal.reason;
      return connection;
    },
  }),
  'open-silent': () => ({ open: never }),
  'check-passes': (good) => ({
    check: (connection, context) =>
      connection.session.has('checked')
        ? failing('LOST')()
        : good.check(connection, context).then(() => void connection.session.set('checked', 'once')),
  }),
  'check-dead': (good) => ({
    check: async (connection, context) => {
      if (connection.state === 'destroyed') await good.check(connection, context);
    },
  }),
  'check-destroyed': () => ({ check: async () => {} }),
  'check-hung': () => ({ check: never }),
  'watch-tells': () => ({ watch: () => () => {} }),
  'watch-ends': () => ({
    watch(_connection, broken) {
      setTimeout(broken, 20, new ToyError('LOST'));
      return () => {};
    },
  }),
  'broken-quietly': () => ({
    watch: (connection) => {
      connection.onBroken = (error) => void Promise.reject(error);
      return () => {};
    },
  }),
  'close-ends': () => ({ close: async () => {} }),
  'end-twice': () => ({
    destroy(connection) {
      if (connection.state === 'destroyed') throw new ToyError('LOST');
      connection.destroy();
    },
  }),
  'close-dead': () => ({ close: (connection) => (connection.state === 'lost' ? never() : Promise.resolve()) }),
  'close-hung': () => ({ close: never }),
  'destroy-now': (good) => ({ destroy: (connection) => good.close(connection, {} as never) as never }),
  'destroy-in-use': () => ({
    destroy(connection) {
      connection.mute = true;
    },
  }),
  'ref-unref': () => ({
    unref(connection) {
      if (connection.state !== 'open') throw new ToyError('LOST');
    },
  }),
  'reset-clean': () => ({ reset: (connection) => connection.destroy() }),
  'reset-washes': () => ({ reset: (connection) => connection.ask(() => void connection.session.delete('setting')) }),
  'reset-dead': () => ({ reset: async (connection) => connection.session.clear() }),
  'reset-hung': () => ({ reset: never }),
  names: () => ({ name: 'Toy 2000' }),
  'classify-total': () => ({ classify: (error) => (error as Error).message as never }),
  'classify-lost': () => ({ classify: () => 'statement' }),
  'classify-statement': () => ({ classify: () => 'connection-lost' }),
  'classify-unreachable': () => ({ classify: () => 'misconfigured' }),
  'classify-misconfigured': () => ({ classify: () => 'server-unavailable' }),
  'secrets-named': () => ({ secrets: () => [] }),
  'pool-works': (good) => {
    let shared: Promise<ToyConnection> | undefined;
    return {
      open(context) {
        shared ??= good.open(context);
        return shared;
      },
    };
  },
  'pool-recovers': () => ({ classify: () => 'statement', watch: () => () => {}, check: async () => {} }),
  'pool-keeps-apart': () => ({ reset: () => {} }),
  'pool-close-cuts': () => ({ destroy: () => {} }),
  'pool-tells-no-secret': () => ({ secrets: () => [] }),
};

/** The toy's subject, with the same change to each of its drivers. */
function spoil(bad: Bad): DriverUnderTest<ToyConnection> {
  const server = new ToyServer();
  const subject = toySubject(server);
  const spoiled = (make: (() => Toy) | undefined) => (): Toy => {
    const good = make?.() ?? server.driver();
    return { ...good, ...bad(good, server) };
  };
  return {
    ...subject,
    createDriver: spoiled(subject.createDriver),
    createUnreachable: spoiled(subject.createUnreachable),
    createSilent: spoiled(subject.createSilent),
    createMisconfigured: spoiled(subject.createMisconfigured),
  };
}

test('there is a bad driver for every case', () => {
  expect(Object.keys(BAD_DRIVERS)).toEqual(conformanceCases.map(({ id }) => id));
});

test.for(conformanceCases)('the case "$sentence" fails for a driver that does not', async ({ id, run }) => {
  const subject = spoil(BAD_DRIVERS[id] ?? (() => ({})));
  const trial = new Trial(subject, subject.createDriver());
  await expect(trial.run((running) => run(running))).rejects.toThrow();
});
