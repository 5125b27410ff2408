import { describe, expect, test } from 'vitest';
import { stage } from '../../test/puppet.ts';
import { SimulatedError } from './simulated-server.ts';

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

  test('goes by the probe interval when a breaker that was open closes without a success', async () => {
    const scene = stage({ ...settings, breaker: { probeIntervalMs: 50, openForMs: 50 } });
    await failOnce(scene, refused);
    await scene.clock.advance(100);
    await failOnce(scene, refused);
    scene.pool.events.emit('breaker-changed', { from: 'closed', to: 'open', cause: undefined });
    await scene.clock.advance(60);
    scene.pool.events.emit('breaker-changed', { from: 'open', to: 'closed', cause: undefined });
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual([]);
    await scene.clock.advance(30);
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual(['I11']);
  });

  test('expects less of retries where the class of an error is doubtful', async () => {
    for (const [classes, verdict] of [
      ['trusted', ['I11']],
      ['doubtful', []],
    ] as const) {
      const scene = stage(settings, { classes });
      await failOnce(scene, wrong);
      await scene.clock.advance(100);
      await failOnce(scene, wrong);
      expect(scene.broken()).toEqual(verdict);
    }
  });

  test.each(['trusted', 'doubtful'] as const)(
    'takes a %s answer for one of a full server where only that allows what follows: two dials that time out are one failure',
    async (classes) => {
      const connect = { ...settings.connect, concurrency: 3, timeoutMs: 500 };
      const scene = stage({ connect, breaker: false, size: { max: 3 } }, { classes });
      scene.pool.lies = { size: { min: 0, max: 3, absoluteMax: 3 } };
      const hang = () => {
        scene.simulated.server.script('open', { kind: 'hang' });
        scene.pool.counts.dialing++;
        scene.simulated.driver.open(scene.context(500));
      };
      hang();
      await scene.clock.advance(100);
      await failOnce(scene, full);
      await scene.clock.advance(100);
      hang();
      await scene.clock.advance(501);
      await failOnce(scene, refused);
      expect(scene.broken()).toEqual([]);
      await failOnce(scene, refused);
      expect(scene.broken()).toEqual(['I11']);
    },
  );

  describe('where every class is doubtful, takes each failure in the way', () => {
    const connect = { ...settings.connect, concurrency: 3, timeoutMs: 500 };

    function hang(scene: ReturnType<typeof stage>) {
      scene.simulated.server.script('open', { kind: 'hang' });
      scene.pool.counts.dialing++;
      scene.simulated.driver.open(scene.context(500));
    }

    test('that allows what follows: one said that the server is full, and another one did not', async () => {
      const scene = stage({ connect, breaker: { probeIntervalMs: 300 }, size: { max: 3 } }, { classes: 'doubtful' });
      scene.pool.lies = { size: { min: 0, max: 3, absoluteMax: 3 } };
      hang(scene);
      await scene.clock.advance(100);
      await failOnce(scene, full);
      await scene.clock.advance(300);
      hang(scene);
      await scene.clock.advance(501);
      await failOnce(scene, refused);
      await scene.clock.advance(100);
      await failOnce(scene, refused);
      expect(scene.broken()).toEqual([]);
    });

    test('that all that followed allows: what counted for one dial is not forgotten for another', async () => {
      const scene = stage({ connect, breaker: { probeIntervalMs: 300 }, size: { max: 3 } }, { classes: 'doubtful' });
      scene.pool.lies = { size: { min: 0, max: 3, absoluteMax: 3 } };
      hang(scene);
      await scene.clock.advance(100);
      await failOnce(scene, refused);
      await scene.clock.advance(100);
      hang(scene);
      await scene.clock.advance(501);
      expect(scene.broken()).toEqual([]);
      await failOnce(scene, refused);
      expect(scene.broken()).toEqual(['I11']);
    });
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

  test('takes an answer that is let in at the instant of its timeout for one, whatever happened at that instant before', async () => {
    const connect = { ...settings.connect, concurrency: 2, timeoutMs: 500 };
    for (const [answer, verdict] of [
      ['succeed', []],
      ['fail', ['I11']],
    ] as const) {
      const scene = stage({ connect });
      const { simulated, clock, watch, pool } = scene;
      simulated.server.script('open', { kind: 'hang' });
      pool.counts.dialing++;
      const hung = simulated.driver.open(scene.context(1_000));
      hung.catch(() => {});
      await clock.advance(500);
      watch.askedAnew();
      simulated.server.script('open', { ...refused, afterMs: 0 });
      simulated.driver.open(scene.context()).catch(() => {});
      await clock.advance(0);
      simulated.server.answerHung(() => answer);
      pool.counts.dialing--;
      if (answer === 'succeed') pool.counts.idle++;
      await clock.advance(10);
      await failOnce(scene, refused);
      expect(scene.broken(), answer).toEqual(verdict);
    }
  });

  test('breaks when a closed pool dials', async () => {
    const scene = stage(settings);
    scene.pool.lies = { state: 'closing' };
    await failOnce(scene, refused);
    expect(scene.broken()).toEqual(['I11']);
  });
});
