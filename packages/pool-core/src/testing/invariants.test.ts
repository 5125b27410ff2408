import { CallContext, CryoError, Emitter } from '@cryo/resilience';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { describe, expect, test } from 'vitest';
import type { PoolEvents } from '../events.ts';
import type { PoolOptions } from '../options.ts';
import type { ConnectionCounts, PoolSnapshot } from '../snapshot.ts';
import type { SimulatedConnection } from './ground-truth.ts';
import { InvariantWatch, invariants } from './invariants.ts';
import { Ledger } from './ledger.ts';
import type { Discipline } from './observation.ts';
import { simulatedDriver } from './simulated-driver.ts';
import { SimulatedError } from './simulated-server.ts';

type Overrides = Partial<Omit<PoolSnapshot, 'connections'>> & { connections?: Partial<ConnectionCounts> };

/** A pool that says what it is told to say: the honest numbers unless a test makes it lie. */
class PuppetPool {
  readonly events = new Emitter<PoolEvents>();
  lies: Overrides = {};
  counts = { dialing: 0, idle: 0, checking: 0, leased: 0, resetting: 0, closing: 0 };
  readonly #ledger: Ledger;
  readonly #clock: VirtualClock;

  constructor(ledger: Ledger, clock: VirtualClock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): () => void {
    return this.events.on(name, listener);
  }

  snapshot(): PoolSnapshot {
    const connections = Object.freeze({ ...this.counts, ...this.lies.connections });
    return Object.freeze({
      pool: 'puppet',
      state: 'open',
      atMs: this.#clock.now(),
      size: { min: 0, max: 2, absoluteMax: 2 },
      live: Object.values({ ...this.counts, ...this.lies.connections }).reduce((sum, count) => sum + count, 0),
      abandoned: 0,
      waiting: this.#ledger.waiting.size,
      oldestWaitMs: 0,
      oldestLeaseMs: 0,
      suspects: 0,
      peakLeased: 2,
      leasedTimeMs: 0,
      generation: 0,
      breaker: { state: 'closed', notClosedSinceMs: undefined, retryAfterMs: undefined, cause: undefined },
      overloadedUntilMs: undefined,
      ...this.lies,
      connections,
    });
  }
}

function stage(given: Partial<PoolOptions<SimulatedConnection>> = {}, discipline?: Discipline) {
  const clock = new VirtualClock();
  const simulated = simulatedDriver({ clock, timers: clock, random: seededRandom(1) });
  const ledger = new Ledger(clock, simulated);
  const options = { name: 'puppet', driver: simulated.driver, size: { min: 0, max: 2 }, ...given };
  let timersPending = 0;
  const watch = new InvariantWatch({
    options,
    simulated,
    ledger,
    clock,
    timersPending: () => timersPending,
    ...(discipline && { discipline }),
  });
  const pool = watch.attach(new PuppetPool(ledger, clock));
  const { driver } = simulated;
  return {
    clock,
    simulated,
    ledger,
    watch,
    pool,
    leaveTimers: (count: number) => {
      timersPending = count;
    },
    broken: () => watch.judge().map((violation) => violation.invariant),
    context: (timeoutMs = 10_000) => new CallContext(clock.now() + timeoutMs),
    /** Dials honestly. */
    async dial(): Promise<SimulatedConnection> {
      pool.counts.dialing++;
      const dialed = driver.open(new CallContext(clock.now() + 10_000));
      await clock.advance(1);
      pool.counts.dialing--;
      pool.counts.idle++;
      return dialed;
    },
    /** Lends honestly. */
    lend(connection: SimulatedConnection, request = ledger.asked({ timeoutMs: 100 })) {
      pool.counts.idle--;
      pool.counts.leased++;
      pool.events.emit('lease-granted', { connection: connection.id, waitedMs: 0, label: undefined });
      return ledger.granted(request, connection);
    },
  };
}

describe('the checks together', () => {
  test('there is one for each promise of the pool, each with a sentence', () => {
    expect(invariants.map(({ name }) => name)).toEqual(Array.from({ length: 12 }, (_, index) => `I${index + 1}`));
    for (const { sentence } of invariants) expect(sentence.length).toBeGreaterThan(20);
  });

  test('an honest day breaks none of them', async () => {
    const { dial, lend, ledger, pool, broken, clock } = stage();
    expect(broken()).toEqual([]);
    const connection = await dial();
    expect(broken()).toEqual([]);
    const lease = lend(connection);
    expect(broken()).toEqual([]);
    const waiter = ledger.asked({ timeoutMs: 50 });
    expect(broken()).toEqual([]);
    await clock.advance(50);
    ledger.refused(waiter, new CryoError('ACQUIRE_TIMEOUT', 'too late'));
    expect(broken()).toEqual([]);
    ledger.released(lease);
    pool.counts.leased--;
    pool.counts.idle++;
    expect(broken()).toEqual([]);
  });

  test('a violation says which promise broke, what was seen, and when', async () => {
    const { pool, watch, clock } = stage();
    await clock.advance(1_500);
    pool.lies = { live: 7 };
    const [, violation] = watch.judge();
    expect(violation?.message).toMatch(
      /^I5 broken at 1500 ms: live is 7, its parts \(0 \+ 0 .*\) are 0\. \(Every snapshot/,
    );
  });
});

describe('I1, bounded size', () => {
  test('breaks when more connections are live than max', async () => {
    const { dial, broken } = stage();
    for (let count = 0; count < 3; count++) await dial();
    expect(broken()).toEqual(['I1']);
  });

  test('holds when max shrank and the size falls towards it, and breaks when it rises again', async () => {
    const { dial, pool, broken, simulated } = stage();
    const [first] = [await dial(), await dial()];
    expect(broken()).toEqual([]);
    pool.lies = { size: { min: 0, max: 1, absoluteMax: 2 } };
    expect(broken()).toEqual([]);
    simulated.driver.destroy(first as SimulatedConnection);
    pool.counts.idle--;
    expect(broken()).toEqual([]);
    await dial();
    expect(broken()).toEqual(['I1']);
  });

  test('breaks when the driver holds a connection that the pool does not count', async () => {
    const { dial, pool, broken } = stage();
    await dial();
    pool.counts.idle--;
    expect(broken()).toEqual(['I1']);
  });

  test('breaks when a call past its timeout and one second is not abandoned', async () => {
    const { simulated, context, pool, clock, broken } = stage({ connect: { timeoutMs: 100 } });
    simulated.server.script('open', { kind: 'hang' });
    pool.counts.dialing++;
    simulated.driver.open(context(100));
    await clock.advance(1_100);
    expect(broken()).toEqual([]);
    await clock.advance(2);
    expect(broken()).toEqual(['I1']);
  });

  test('breaks when a dial starts while as many calls as max are abandoned', async () => {
    const { simulated, context, pool, clock, broken } = stage({ connect: { timeoutMs: 100 } });
    simulated.server.become({ kind: 'silent' });
    for (let count = 0; count < 2; count++) simulated.driver.open(context(100));
    pool.lies = { abandoned: 2 };
    await clock.advance(5_000);
    expect(broken()).toEqual([]);
    pool.counts.dialing++;
    simulated.driver.open(context(100));
    expect(broken()).toEqual(['I1']);
  });

  test('breaks when more calls are abandoned than are unanswered', () => {
    const { pool, broken } = stage();
    pool.lies = { abandoned: 1 };
    expect(broken()).toEqual(['I1']);
  });
});

describe('I2, settled once and in time', () => {
  test('breaks when a request still waits after its deadline', async () => {
    const { ledger, clock, broken } = stage();
    ledger.asked({ timeoutMs: 50 });
    await clock.advance(50);
    expect(broken()).toEqual([]);
    await clock.advance(2);
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when a request settled late within one step', async () => {
    const { ledger, clock, broken } = stage();
    const request = ledger.asked({ timeoutMs: 50 });
    await clock.advance(500);
    ledger.refused(request, new CryoError('ACQUIRE_TIMEOUT', 'too late'));
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when a request times out before its deadline', async () => {
    const { ledger, clock, broken } = stage();
    const request = ledger.asked({ timeoutMs: 50 });
    await clock.advance(20);
    ledger.refused(request, new CryoError('ACQUIRE_TIMEOUT', 'too early'));
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when an aborted request goes on waiting', () => {
    const { ledger, broken } = stage();
    ledger.aborted(ledger.asked({ timeoutMs: 50 }));
    expect(broken()).toEqual(['I2']);
  });

  test('breaks when a request is answered twice', () => {
    const { ledger, broken } = stage();
    const request = ledger.asked({ timeoutMs: 50 });
    ledger.refused(request, new CryoError('POOL_CLOSED', 'closed'));
    ledger.refused(request, new CryoError('POOL_CLOSED', 'closed'));
    expect(broken()).toEqual(['I2']);
  });

  test('allows for the end of a stall, and for one grace after a thaw', async () => {
    const { ledger, clock, broken } = stage();
    const stalled = ledger.asked({ timeoutMs: 50 });
    clock.stall(700);
    ledger.stalled();
    ledger.refused(stalled, new CryoError('ACQUIRE_TIMEOUT', 'judged after the stall'));
    expect(broken()).toEqual([]);
    ledger.asked({ timeoutMs: 300 });
    ledger.thawed();
    await clock.advance(200);
    ledger.thawed();
    await clock.advance(100);
    expect(broken()).toEqual([]);
    await clock.advance(2);
    expect(broken()).toEqual(['I2']);
  });
});

describe('I3, in order', () => {
  test('breaks when a request is granted while an older one waits', async () => {
    const { dial, lend, ledger, broken } = stage();
    const connection = await dial();
    ledger.asked({ timeoutMs: 1_000 });
    lend(connection);
    expect(broken()).toEqual(['I3']);
  });

  test('breaks when the older one is granted later in the same step', async () => {
    const { dial, lend, ledger, clock, broken } = stage();
    const [one, other] = [await dial(), await dial()];
    const older = ledger.asked({ timeoutMs: 1_000 });
    lend(one);
    await clock.advance(1);
    lend(other, older);
    expect(broken()).toEqual(['I3']);
  });

  test('lets classes of priority overtake each other, and takes the discipline as it is given', async () => {
    const classes = stage();
    classes.ledger.asked({ timeoutMs: 1_000, priority: 1 });
    classes.lend(await classes.dial());
    expect(classes.broken()).toEqual([]);
    const anyOrder = stage({}, { name: 'any order', mayOvertake: () => true });
    anyOrder.ledger.asked({ timeoutMs: 1_000 });
    anyOrder.lend(await anyOrder.dial());
    expect(anyOrder.broken()).toEqual([]);
  });
});

describe('I4, one lease at a time', () => {
  test('breaks when a connection is lent twice', async () => {
    const { dial, lend, pool, broken } = stage();
    const connection = await dial();
    lend(connection);
    pool.counts.idle++;
    pool.counts.leased--;
    lend(connection);
    expect(broken()).toEqual(['I4']);
  });

  test('breaks when a connection is lent that has ended', async () => {
    const { dial, lend, simulated, pool, ledger, broken } = stage();
    const connection = await dial();
    simulated.driver.destroy(connection);
    const lease = lend(connection);
    ledger.released(lease);
    pool.counts.leased--;
    expect(broken()).toEqual(['I4']);
  });

  test('breaks when a leased connection is checked', async () => {
    const { dial, lend, simulated, context, broken } = stage();
    const connection = await dial();
    lend(connection);
    simulated.driver.check(connection, context());
    expect(broken()).toEqual(['I4']);
  });

  test('breaks when a second release is not reported, or changes something, or the lease still works', async () => {
    const silent = stage();
    silent.ledger.releasedAgain(undefined);
    expect(silent.broken()).toEqual(['I4']);
    const changing = stage();
    changing.pool.events.emit('double-release', { connection: 1, label: undefined });
    changing.ledger.releasedAgain('an idle connection appeared');
    expect(changing.broken()).toEqual(['I4']);
    const working = stage();
    const lease = working.lend(await working.dial());
    working.ledger.released(lease);
    working.pool.counts.leased--;
    working.pool.counts.idle++;
    working.ledger.reachedAfterRelease(lease);
    expect(working.broken()).toEqual(['I4']);
  });
});

describe('I5, the counts', () => {
  test.each<[string, Overrides]>([
    ['a suspect that is not idle', { suspects: 1 }],
    ['a peak below the present', { peakLeased: -1 }],
    ['a minimum above the maximum', { size: { min: 3, max: 2, absoluteMax: 2 } }],
    ['a maximum above the absolute one', { size: { min: 0, max: 2, absoluteMax: 1 } }],
    ['a wait of nobody', { oldestWaitMs: 5 }],
    ['a lease of nobody', { oldestLeaseMs: 5 }],
    ['another time', { atMs: 99 }],
    ['a waiter that does not exist', { waiting: 1 }],
    ['a count that is no count', { waiting: 0.5 }],
  ])('breaks for %s', (_name, lies) => {
    const { pool, broken } = stage();
    pool.lies = lies;
    expect(broken()).toEqual(['I5']);
  });

  test('breaks when a lease in force is not counted', async () => {
    const { dial, lend, pool, broken } = stage();
    lend(await dial());
    pool.lies = { connections: { leased: 0, idle: 1 } };
    expect(broken()).toEqual(['I5']);
  });

  test('breaks when what only grows has fallen', async () => {
    for (const lies of [{ generation: 3 }, { leasedTimeMs: 3 }, { peakLeased: 5 }]) {
      const { pool, broken } = stage();
      pool.lies = lies;
      expect(broken()).toEqual([]);
      pool.lies = {};
      expect(broken()).toEqual(['I5']);
    }
  });

  test('breaks when a snapshot can be changed', () => {
    const { pool, broken } = stage();
    const honest = pool.snapshot.bind(pool);
    pool.snapshot = () => ({ ...honest() });
    expect(broken()).toEqual(['I5']);
  });
});

describe('I6, cancelled waiters', () => {
  test('breaks when a connection is leased to a request that gave up', async () => {
    const { dial, pool, ledger, broken } = stage();
    await dial();
    const request = ledger.asked({ timeoutMs: 50 });
    ledger.aborted(request);
    ledger.refused(request, new CryoError('ACQUIRE_ABORTED', 'aborted'));
    pool.counts.idle--;
    pool.counts.leased++;
    expect(broken()).toEqual(['I6']);
  });

  test('breaks when a lease was reported that nobody got', () => {
    const { pool, broken } = stage();
    pool.events.emit('lease-granted', { connection: 1, waitedMs: 0, label: undefined });
    expect(broken()).toEqual(['I6']);
  });
});

describe('I7, nothing escapes', () => {
  test('breaks for an unhandled rejection and for a refusal that is not typed', () => {
    const unhandled = stage();
    unhandled.ledger.escaped('an unhandled rejection', new Error('boom'));
    expect(unhandled.broken()).toEqual(['I7']);
    const untyped = stage();
    untyped.ledger.refused(untyped.ledger.asked({ timeoutMs: 50 }), new TypeError('x is undefined'));
    expect(untyped.broken()).toEqual(['I7']);
  });
});

describe('I8, no lost slot', () => {
  test.each(['dialing', 'idle', 'checking', 'resetting', 'closing'] as const)(
    'breaks for a slot that is %s with nothing behind it',
    (state) => {
      const { pool, broken } = stage();
      pool.counts[state]++;
      expect(broken()).toEqual(['I8']);
    },
  );

  test('breaks when a connection is ended twice, or called after its end, or by two calls at once', async () => {
    const twice = stage();
    const ended = await twice.dial();
    twice.simulated.driver.destroy(ended);
    twice.simulated.driver.destroy(ended);
    twice.pool.counts.idle--;
    expect(twice.broken()).toEqual(['I8']);
    const after = stage();
    const gone = await after.dial();
    after.simulated.driver.destroy(gone);
    after.pool.counts.idle--;
    after.simulated.driver.check(gone, after.context()).catch(() => {});
    expect(after.broken()).toEqual(['I8']);
    const both = stage();
    const busy = await both.dial();
    both.simulated.driver.check(busy, both.context());
    both.simulated.driver.check(busy, both.context());
    both.pool.counts.idle--;
    both.pool.counts.checking++;
    expect(both.broken()).toEqual(['I8']);
  });
});

describe('I9, a clean end', () => {
  test('breaks when close() does not answer in time', async () => {
    const { watch, clock, broken } = stage();
    watch.closing(100);
    await clock.advance(100);
    expect(broken()).toEqual([]);
    await clock.advance(1);
    expect(broken()).toEqual(['I9']);
  });

  test('breaks when a timer, a connection, a waiter or a watch remains', async () => {
    const timer = stage();
    timer.pool.lies = { state: 'closed' };
    timer.watch.closing(100)();
    expect(timer.broken()).toEqual([]);
    timer.leaveTimers(1);
    expect(timer.broken()).toEqual(['I9']);
    const connection = stage();
    await connection.dial();
    connection.pool.lies = { state: 'closed' };
    connection.watch.closing(100)();
    expect(connection.broken()).toEqual(['I9']);
    const waiter = stage();
    waiter.ledger.asked({ timeoutMs: 50 });
    waiter.pool.lies = { state: 'closed' };
    waiter.watch.closing(100)();
    expect(waiter.broken()).toEqual(['I9']);
    const watched = stage();
    const lost = await watched.dial();
    watched.simulated.driver.watch?.(lost, () => {});
    watched.simulated.driver.destroy(lost);
    watched.pool.counts.idle--;
    watched.pool.lies = { state: 'closed' };
    watched.watch.closing(100)();
    expect(watched.broken()).toEqual(['I9']);
  });
});

describe('I10, sessions', () => {
  test('breaks when a lease finds what the last one left behind', async () => {
    const { dial, lend, broken } = stage();
    const connection = await dial();
    connection.session = 'an open transaction';
    lend(connection);
    expect(broken()).toEqual(['I10']);
  });
});

describe('I11, dials', () => {
  const settings = { connect: { concurrency: 1, initialDelayMs: 100, maxDelayMs: 400, jitter: 0.1 } } as const;
  const refused = { kind: 'fail', error: new SimulatedError('refused', 'server-unavailable'), afterMs: 1 } as const;
  const full = { kind: 'fail', error: new SimulatedError('full', 'overloaded'), afterMs: 1 } as const;
  const wrong = { kind: 'fail', error: new SimulatedError('wrong', 'misconfigured'), afterMs: 1 } as const;

  async function failOnce(scene: ReturnType<typeof stage>, fate: typeof refused | typeof full | typeof wrong) {
    scene.simulated.server.script('open', fate);
    scene.pool.counts.dialing++;
    scene.simulated.driver.open(scene.context()).catch(() => {});
    await scene.clock.advance(1);
    scene.pool.counts.dialing--;
  }

  test('breaks when more dials are under way than may be', () => {
    const { simulated, context, pool, broken } = stage(settings);
    simulated.server.become({ kind: 'silent' });
    pool.counts.dialing += 2;
    for (let count = 0; count < 2; count++) simulated.driver.open(context());
    expect(broken()).toEqual(['I11']);
  });

  test.each([
    ['a refused dial', refused, 89],
    ['a full server', full, 899],
    ['a misconfiguration', wrong, 4_998],
  ] as const)('breaks when the next dial comes too soon after %s', async (_name, fate, leastMs) => {
    for (const [waitMs, verdict] of [
      [leastMs + 1.5, []],
      [leastMs - 0.5, ['I11']],
    ] as const) {
      const scene = stage(settings);
      await failOnce(scene, fate);
      await scene.clock.advance(waitMs);
      await failOnce(scene, fate);
      expect(scene.broken()).toEqual(verdict);
    }
  });

  test('expects the wait to double from failure to failure, and to begin anew after a success', async () => {
    const scene = stage(settings);
    await failOnce(scene, refused);
    await scene.clock.advance(100);
    await failOnce(scene, refused);
    await scene.clock.advance(200);
    await failOnce(scene, refused);
    await scene.clock.advance(400);
    await scene.dial();
    await failOnce(scene, refused);
    await scene.clock.advance(100);
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual([]);
    await scene.clock.advance(100);
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual(['I11']);
  });

  test('breaks when probes come faster than the probe schedule while the breaker is open', async () => {
    const open = { state: 'open', notClosedSinceMs: 0, retryAfterMs: 0, cause: 'refused' } as const;
    const scene = stage(settings);
    scene.pool.lies = { breaker: open };
    await failOnce(scene, refused);
    await scene.clock.advance(950);
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual([]);
    scene.watch.askedAnew();
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual([]);
    await scene.clock.advance(800);
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual(['I11']);
  });

  test('counts a dial that hangs as failed at its timeout', async () => {
    const scene = stage({ connect: { ...settings.connect, timeoutMs: 500 } });
    scene.simulated.server.script('open', { kind: 'hang' });
    scene.pool.counts.dialing++;
    scene.simulated.driver.open(scene.context(500));
    await scene.clock.advance(550);
    expect(scene.broken()).toEqual([]);
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual(['I11']);
  });

  test('breaks when a closed pool dials', async () => {
    const scene = stage(settings);
    scene.pool.lies = { state: 'closing' };
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual(['I11']);
  });
});

describe('I12, the queue', () => {
  test('breaks when more requests wait than the limit allows', () => {
    const { ledger, broken } = stage({ acquire: { queueLimit: 1 } });
    ledger.asked({ timeoutMs: 50 });
    expect(broken()).toEqual([]);
    ledger.asked({ timeoutMs: 50 });
    expect(broken()).toEqual(['I12']);
  });
});
