import { CallContext } from '@cryo/resilience';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { describe, expect, test } from 'vitest';
import { classifyError } from '../driver.ts';
import { simulatedDriver } from './simulated-driver.ts';
import { type ServerBehaviour, SimulatedError } from './simulated-server.ts';

function stage({ behaviour, seed = 1 }: { behaviour?: ServerBehaviour; seed?: number } = {}) {
  const clock = new VirtualClock();
  const simulated = simulatedDriver({
    clock,
    timers: clock,
    random: seededRandom(seed),
    ...(behaviour && { behaviour }),
  });
  const context = (timeoutMs = 1_000) => new CallContext(clock.now() + timeoutMs);
  const { driver } = simulated;
  /** What became of a promise by now. */
  const outcomes: string[] = [];
  const follow = (promise: Promise<unknown>): void => {
    promise.then(
      () => outcomes.push(`succeeded at ${clock.now()}`),
      (error) => outcomes.push(`failed at ${clock.now()}: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  async function dial() {
    const dialed = driver.open(context());
    await clock.advance(1);
    return dialed;
  }
  return { ...simulated, clock, context, outcomes, follow, dial };
}

describe('a healthy server', () => {
  test('opens, checks, resets and closes, each in its latency, and the truth knows', async () => {
    const { driver, truth, clock, context, dial, outcomes, follow } = stage();
    const connection = await dial();
    expect(connection).toMatchObject({ id: 1, state: 'open', alive: true, session: undefined });
    expect([truth.held.size, truth.alive(), truth.openedCount]).toEqual([1, 1, 1]);
    follow(driver.check(connection, context()));
    expect(truth.runningCount.check).toBe(1);
    await clock.advance(1);
    connection.session = 'an open transaction';
    follow(Promise.resolve(driver.reset?.(connection, context())));
    await clock.advance(1);
    expect(connection.session).toBeUndefined();
    follow(driver.close(connection, context()));
    expect(connection.state).toBe('closing');
    await clock.advance(1);
    expect(connection).toMatchObject({ state: 'ended', alive: false });
    expect(truth.held.size).toBe(0);
    expect(outcomes).toEqual(['succeeded at 2', 'succeeded at 3', 'succeeded at 4']);
    expect(truth.misuses).toEqual([]);
  });

  test('answers a reset of a clean connection sometimes at once and sometimes later, and of a dirty one later', async () => {
    const { driver, clock, context, dial } = stage();
    const connection = await dial();
    const answers = new Set<string>();
    for (let count = 0; count < 20; count++) {
      answers.add(driver.reset?.(connection, context()) === undefined ? 'at once' : 'later');
      await clock.advance(1);
      connection.session = 'dirty';
      expect(driver.reset?.(connection, context())).toBeInstanceOf(Promise);
      await clock.advance(1);
    }
    expect([...answers].sort()).toEqual(['at once', 'later']);
  });

  test('keeps the history of dials with their times', async () => {
    const { driver, truth, server, clock, context, dial } = stage();
    await dial();
    server.script('open', { kind: 'fail', error: new SimulatedError('no'), afterMs: 5 });
    driver.open(context()).catch(() => {});
    await clock.advance(10);
    expect(truth.dials).toMatchObject([
      { startedAtMs: 0, endedAtMs: 1, state: 'succeeded' },
      { startedAtMs: 1, endedAtMs: 6, state: 'failed' },
    ]);
  });
});

describe('a server in trouble', () => {
  test.each([
    ['refusing', { kind: 'refusing' }, 'server-unavailable'],
    ['misconfigured', { kind: 'misconfigured' }, 'misconfigured'],
    ['overloaded', { kind: 'overloaded', places: 1 }, 'overloaded'],
  ] as const)(
    'refuses dials while it is %s, with the class to match, and spares open connections',
    async (_, state, errorClass) => {
      const { driver, server, clock, context, dial, follow, outcomes } = stage();
      const connection = await dial();
      server.become(state);
      const error = driver.open(context()).catch((reason: unknown) => reason);
      await clock.advance(1);
      expect(classifyError(driver, await error, 'open')).toBe(errorClass);
      follow(driver.check(connection, context()));
      await clock.advance(1);
      expect(outcomes).toEqual(['succeeded at 3']);
    },
  );

  test('an overloaded server takes a dial once a place is free', async () => {
    const { driver, server, dial } = stage();
    const connection = await dial();
    server.become({ kind: 'overloaded', places: 1 });
    driver.destroy(connection);
    expect((await dial()).id).toBe(2);
  });

  test('a silent server answers nothing until it is told to', async () => {
    const { driver, server, truth, clock, context, follow, outcomes } = stage();
    server.become({ kind: 'silent' });
    for (let count = 0; count < 3; count++) follow(driver.open(context(100)));
    await clock.advance(60_000);
    expect(outcomes).toEqual([]);
    expect(truth.runningCount.open).toBe(3);
    const fates = ['succeed', 'fail', undefined] as const;
    let next = 0;
    server.answerHung(() => fates[next++]);
    await clock.advance(0);
    expect(outcomes).toEqual(['succeeded at 60000', 'failed at 60000: the connection timed out']);
    expect([truth.runningCount.open, truth.held.size]).toEqual([1, 1]);
  });

  test('a slow server takes a multiple of its time', async () => {
    const { driver, server, clock, context, follow, outcomes } = stage();
    server.become({ kind: 'slow', factor: 30 });
    follow(driver.open(context()));
    await clock.advance(40);
    expect(outcomes).toEqual(['succeeded at 30']);
  });
});

describe('a single call', () => {
  test('ends when its signal aborts', async () => {
    const { driver, server, clock, context, follow, outcomes } = stage();
    server.script('open', { kind: 'succeed', afterMs: 500 });
    const cut = context();
    follow(driver.open(cut));
    await clock.advance(10);
    cut.abort(new Error('no longer wanted'));
    await clock.advance(1_000);
    expect(outcomes).toEqual(['failed at 10: no longer wanted']);
  });

  test('is deaf to its signal where the behaviour says so, or when it comes late', async () => {
    const { driver, server, truth, clock, context, follow, outcomes } = stage({
      behaviour: { open: { heedsAbort: 0 } },
    });
    server.script('open', { kind: 'succeed', afterMs: 500 }, { kind: 'late', byMs: 1_500 });
    for (const timeoutMs of [100, 200]) {
      const cut = context(timeoutMs);
      follow(driver.open(cut));
      cut.abort(new Error('too late'));
    }
    await clock.advance(5_000);
    expect(outcomes).toEqual(['succeeded at 500', 'succeeded at 1700']);
    expect(truth.held.size).toBe(2);
  });

  test('throws synchronously when that is its fate, and is over then', () => {
    const { driver, server, truth, context } = stage();
    server.script('open', { kind: 'throw', error: new SimulatedError('at once') });
    expect(() => driver.open(context())).toThrow('at once');
    expect(truth.runningCount.open).toBe(0);
  });

  test('may be rejected with anything', async () => {
    const { driver, server, clock, context, follow, outcomes } = stage();
    server.script('open', { kind: 'fail', error: undefined }, { kind: 'fail', error: 42 });
    follow(driver.open(context()));
    follow(driver.open(context()));
    await clock.advance(1);
    expect(outcomes).toEqual(['failed at 1: undefined', 'failed at 1: 42']);
  });
});

describe('a connection that breaks', () => {
  test.each([
    ['silently', 0],
    ['once', 1],
    ['twice', 2],
  ] as const)('%s: its watcher hears of it %i times, and whoever uses it finds out', async (report, times) => {
    const { driver, clock, context, dial, breakConnection, follow, outcomes } = stage();
    const connection = await dial();
    const heard: unknown[] = [];
    driver.watch?.(connection, (error) => heard.push(error));
    breakConnection(connection, report);
    expect(heard).toHaveLength(times);
    follow(driver.check(connection, context()));
    follow(connection.query());
    await clock.advance(1);
    expect(outcomes.map((line) => line.split(':')[0])).toEqual(['failed at 2', 'failed at 2']);
  });

  test('a stillborn one breaks as soon as it is watched', async () => {
    const { driver, server, dial } = stage();
    server.script('open', { kind: 'stillborn' });
    const connection = await dial();
    const heard: unknown[] = [];
    driver.watch?.(connection, (error) => heard.push(error));
    expect(heard).toHaveLength(2);
    expect(connection.alive).toBe(false);
  });

  test('can break while it is being reset or checked, and can say so when it is destroyed', async () => {
    const { driver, server, clock, context, dial, follow, outcomes } = stage({
      behaviour: { destroy: { reports: 1, throws: 1 } },
    });
    const connection = await dial();
    const heard: unknown[] = [];
    driver.watch?.(connection, (error) => heard.push(error));
    server.script('check', { kind: 'break' });
    follow(driver.check(connection, context()));
    expect(heard).toHaveLength(2);
    await clock.advance(1);
    expect(outcomes).toEqual(['failed at 2: check broke the connection']);
    expect(() => driver.destroy(connection)).toThrow('destroy failed');
    expect(heard).toHaveLength(3);
    expect(connection.state).toBe('ended');
  });

  test('is silent once its watch was removed', async () => {
    const { driver, truth, dial, breakConnection } = stage();
    const connection = await dial();
    const heard: unknown[] = [];
    const unwatch = driver.watch?.(connection, (error) => heard.push(error));
    expect(truth.watches).toBe(1);
    driver.destroy(connection);
    unwatch?.();
    unwatch?.();
    breakConnection(connection, 'once');
    expect([heard.length, truth.watches]).toEqual([0, 0]);
    expect(truth.misuses).toEqual([]);
  });
});

describe('misuse', () => {
  test('of every kind is written down', async () => {
    const { driver, truth, context, dial, setLent } = stage();
    const connection = await dial();
    driver.watch?.(connection, () => {});
    const unwatch = driver.watch?.(connection, () => {});
    unwatch?.();
    setLent(connection, 'lent');
    driver.check(connection, context()).catch(() => {});
    setLent(connection, 'home');
    driver.check(connection, context()).catch(() => {});
    driver.close(connection, context());
    driver.close(connection, context());
    driver.destroy(connection);
    driver.destroy(connection);
    driver.check(connection, context()).catch(() => {});
    expect(truth.misuses.map(({ kind }) => kind)).toEqual([
      'watch',
      'watch',
      'lease-disturbed',
      'overlapping-calls',
      'ended-twice',
      'ended-twice',
      'call-after-end',
      'overlapping-calls',
    ]);
  });
});

describe('chance', () => {
  const behaviour: ServerBehaviour = {
    open: {
      latencyMs: [1, 50],
      faults: { fail: 0.2, oddRejection: 0.1, throw: 0.1, hang: 0.1, late: 0.1, stillborn: 0.1 },
    },
  };

  async function run(seed: number): Promise<string[]> {
    const { driver, clock, context, follow, outcomes } = stage({ behaviour, seed });
    for (let count = 0; count < 200; count++) {
      try {
        follow(driver.open(context(100)));
      } catch (error) {
        outcomes.push(`threw ${error}`);
      }
    }
    await clock.advance(60_000);
    return outcomes;
  }

  test('repeats itself by seed, and shows every fault', async () => {
    const [one, again, other] = [await run(7), await run(7), await run(8)];
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
    const text = one.join('\n');
    for (const sign of ['threw SimulatedError', 'failed at', ': a string', 'succeeded at 7100'])
      expect(text).toContain(sign);
    expect(one.length).toBeLessThan(200);
  });
});
