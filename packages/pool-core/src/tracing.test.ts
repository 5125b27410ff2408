import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { seededRandom, VirtualClock } from '@cryo/resilience/testing';
import { expect, onTestFinished, test } from 'vitest';
import type { PoolOptions } from './options.ts';
import type { SimulatedConnection } from './testing/ground-truth.ts';
import { simulatedDriver } from './testing/simulated-driver.ts';
import { SimulatedError } from './testing/simulated-server.ts';
import { channels, createTracedPool, type TraceMessage } from './tracing.ts';

const STAGES = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

function createRig(options: Partial<PoolOptions<SimulatedConnection>> = {}) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const simulated = simulatedDriver({ clock, timers: clock, random });
  const { driver } = simulated;
  const size = { min: 0, max: 1 };
  const pool = createTracedPool({ name: 'orders', driver, size, clock, timers: clock, random, ...options });
  return { ...simulated, clock, pool };
}

/** Notes what the channels say, until the test is over. */
function listen(...names: (keyof typeof channels)[]): { stage: string; message: TraceMessage }[] {
  const heard: { stage: string; message: TraceMessage }[] = [];
  for (const name of names) {
    for (const stage of STAGES) {
      const hear = (message: unknown) =>
        void heard.push({ stage: `${name} ${stage}`, message: message as TraceMessage });
      const one = channel(`tracing:cryo.pool.${name}:${stage}`);
      one.subscribe(hear);
      onTestFinished(() => void one.unsubscribe(hear));
    }
  }
  return heard;
}

const stages = (heard: ReturnType<typeof listen>) => heard.map(({ stage }) => stage);

test('a use is told from its request to the end of its work, with the dial, the wait and the lease within', async () => {
  const heard = listen('use', 'acquire', 'lease', 'dial');
  const { pool, clock } = createRig();
  const used = pool.use((connection) => connection.query(), { label: 'report' });
  await clock.advance(10);
  await used;
  expect(stages(heard).filter((stage) => !stage.endsWith(' end'))).toEqual([
    'use start',
    'acquire start',
    'dial start',
    'dial asyncStart',
    'dial asyncEnd',
    'acquire asyncStart',
    'acquire asyncEnd',
    'lease start',
    'lease asyncStart',
    'lease asyncEnd',
    'use asyncStart',
    'use asyncEnd',
  ]);
  expect(heard.map(({ message }) => message.pool)).toEqual(Array.from(heard, () => 'orders'));
  expect(heard.find(({ stage }) => stage === 'lease start')?.message).toMatchObject({ label: 'report' });
  const dialed = heard.find(({ stage }) => stage === 'dial asyncEnd')?.message;
  expect(dialed).toMatchObject({ driver: 'simulated', connection: { id: 1 } });
});

test('a lease taken by hand is told until its release, by whatever way it is released', async () => {
  const heard = listen('lease');
  const { pool, clock } = createRig();
  const asked = pool.acquire({ label: 'by hand' });
  await clock.advance(10);
  const lease = await asked;
  expect(stages(heard)).toEqual(['lease start', 'lease end']);
  await clock.advance(50);
  lease[Symbol.dispose]();
  lease.release();
  expect(stages(heard).slice(2)).toEqual(['lease asyncStart', 'lease asyncEnd']);
  await clock.advance(10);
  const second = pool.tryAcquire();
  second?.release(new Error('it failed'));
  expect(stages(heard).slice(4)).toEqual([
    'lease start',
    'lease end',
    'lease error',
    'lease asyncStart',
    'lease asyncEnd',
  ]);
});

test('a refused request, a failed dial and failing work each tell their error', async () => {
  const heard = listen('use', 'acquire', 'lease', 'dial');
  const { pool, clock, server } = createRig({ breaker: false });
  const down = new SimulatedError('connection refused', 'server-unavailable');
  server.script('open', { kind: 'fail', error: down });
  const refused = pool.acquire({ timeoutMs: 5 });
  const told = expect(refused).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT' });
  await clock.advance(1_000);
  await told;
  const failing = pool.use(() => {
    throw new Error('no stock');
  });
  const thrown = expect(failing).rejects.toThrow('no stock');
  await clock.advance(10);
  await thrown;
  const errors = heard
    .filter(({ stage }) => stage.endsWith('error'))
    .map(({ stage, message }) => [stage, message.error]);
  expect(errors).toEqual([
    ['dial error', down],
    ['acquire error', expect.objectContaining({ code: 'ACQUIRE_TIMEOUT' })],
    ['lease error', expect.objectContaining({ message: 'no stock' })],
    ['use error', expect.objectContaining({ message: 'no stock' })],
  ]);
});

test('checks, resets that have something to do, and ends are told', async () => {
  const heard = listen('check', 'reset', 'close');
  const { pool, clock } = createRig();
  const used = pool.use((connection) => {
    connection.session = 'dirty';
  });
  await clock.advance(1_000);
  await used;
  const again = pool.use(() => {});
  await clock.advance(10);
  await again;
  const closed = pool.close();
  await clock.advance(10);
  await closed;
  const ended = stages(heard).filter((stage) => stage.endsWith('asyncEnd'));
  expect(ended.slice(0, 2)).toEqual(['reset asyncEnd', 'check asyncEnd']);
  expect(ended.at(-1)).toBe('close asyncEnd');
});

test('no message shows a secret of the driver', async () => {
  const heard = listen('dial', 'lease', 'use');
  const { pool, clock, server, driver } = createRig({ breaker: false });
  driver.secrets = () => ['hunter2'];
  server.script('open', { kind: 'fail', error: new Error('hunter2 was refused') });
  const failing = pool.use(() => Promise.reject(new Error('hunter2 again')));
  const thrown = expect(failing).rejects.toThrow('hunter2 again');
  await clock.advance(1_000);
  await thrown;
  const errors = heard.filter(({ stage }) => stage.endsWith('error'));
  expect(errors).toHaveLength(3);
  for (const { message } of errors) expect(String(message.error)).not.toContain('hunter2');
});

test('a store bound to the start of a channel is in force in the work of a use, and nowhere else', async () => {
  const spans = new AsyncLocalStorage<string>();
  channels.use.start.bindStore(spans, (message) => `use of ${message.pool}`);
  channels.lease.start.bindStore(spans, () => `${spans.getStore()}, lease`);
  onTestFinished(() => {
    channels.use.start.unbindStore(spans);
    channels.lease.start.unbindStore(spans);
  });
  const { pool, clock } = createRig();
  const used = pool.use(async (connection) => {
    await connection.query();
    return spans.getStore();
  });
  await clock.advance(10);
  expect(await used).toBe('use of orders, lease');
  expect(spans.getStore()).toBeUndefined();
});

test('while nobody listens calls go straight to the pool and to the driver', async () => {
  const { pool, clock, truth } = createRig();
  const asked = pool.acquire();
  await clock.advance(10);
  const lease = await asked;
  expect(Object.hasOwn(lease, 'release')).toBe(false);
  lease.release();
  await clock.advance(10);
  expect(truth.misuses).toEqual([]);
  expect(Object.values(channels).map(({ hasSubscribers }) => hasSubscribers)).toEqual(Array(7).fill(false));
});
