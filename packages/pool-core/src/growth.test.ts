import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../test/rig.ts';
import type { Lease } from './lease.ts';
import type { SimulatedConnection } from './testing/ground-truth.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

const STEP_MS = 0.25;

function hold(holdMs: number): Promise<void> {
  return rig.pool.use(() => new Promise<void>((resolve) => rig.clock.set(holdMs, resolve, { background: false })));
}

/** How long `callers` need for `requests` of `holdMs` each, in ms; and the most dials at once, and all of them. */
async function run({ requests, callers, holdMs }: { requests: number; callers: number; holdMs: number }) {
  const [startedAtMs, dialsBefore] = [rig.clock.now(), rig.truth.dials.length];
  let [left, running, dialPeak] = [requests, callers, 0];
  rig.pool.on('dial-started', () => {
    dialPeak = Math.max(dialPeak, rig.truth.runningCount.open);
  });
  const call = async () => {
    while (left-- > 0) await hold(holdMs);
    running--;
  };
  const calls = Array.from({ length: callers }, call);
  while (running > 0) await rig.clock.advance(STEP_MS);
  await Promise.all(calls);
  return { elapsedMs: rig.clock.now() - startedAtMs, dialPeak, dials: rig.truth.dials.length - dialsBefore };
}

interface Ramp {
  readonly requests: number;
  readonly holdMs: number;
  readonly max: number;
  readonly dialMs: number;
  readonly concurrency: number;
}

/** No schedule is faster: the k-th connection is there after ⌈k / concurrency⌉ dials, and ends one request each `holdMs`. */
function leastMs({ requests, holdMs, max, dialMs, concurrency }: Ramp): number {
  for (let ms = 0; ; ms++) {
    let served = 0;
    for (let k = 1; k <= max; k++)
      served += Math.max(0, Math.floor((ms - Math.ceil(k / concurrency) * dialMs) / holdMs));
    if (served >= requests) return ms;
  }
}

describe('a ramp from nothing', () => {
  it('takes what its dials take at their concurrency, and hardly more: 1,100 ms for 500 requests at 10 dials at once', async () => {
    const ramp: Ramp = { requests: 500, holdMs: 100, max: 50, dialMs: 20, concurrency: 10 };
    rig = createRig({
      size: { min: 0, max: ramp.max },
      connect: { concurrency: ramp.concurrency },
      behaviour: { open: { latencyMs: [ramp.dialMs, ramp.dialMs] } },
    });
    const { elapsedMs, dialPeak, dials } = await run({ requests: ramp.requests, callers: 50, holdMs: ramp.holdMs });
    expect(leastMs(ramp)).toBe(1_100);
    expect(elapsedMs).toBeLessThanOrEqual(1_100 + 2);
    expect([dialPeak, dials]).toEqual([10, 50]);
  });

  it('is as steep where short work went before: the past gives way to what the queue sees', async () => {
    rig = createRig({
      size: { min: 5, max: 50 },
      connect: { concurrency: 10 },
      behaviour: { open: { latencyMs: [20, 20] } },
    });
    await rig.clock.advance(100);
    await run({ requests: 50, callers: 5, holdMs: 2 });
    const { elapsedMs, dialPeak } = await run({ requests: 500, callers: 50, holdMs: 100 });
    expect(elapsedMs).toBeLessThanOrEqual(1_125);
    expect(dialPeak).toBe(10);
  });
});

describe('a load of work that lasts half as long as a dial', () => {
  it('gets fewer connections than it has callers: what came back counts, not only the time it took', async () => {
    rig = createRig({
      size: { min: 0, max: 50 },
      connect: { concurrency: 10 },
      behaviour: { open: { latencyMs: [20, 20] } },
    });
    const { dials } = await run({ requests: 500, callers: 50, holdMs: 10 });
    expect(dials).toBeLessThanOrEqual(36);
  });
});

describe('a burst of short work', () => {
  it('is dialed for at most twice beside leases that last for minutes', async () => {
    rig = createRig({ size: { min: 8, max: 30 }, behaviour: { open: { latencyMs: [150, 150] } } });
    await rig.clock.advance(500);
    const long: Promise<Lease<SimulatedConnection>>[] = Array.from({ length: 3 }, () => rig.pool.acquire());
    await rig.clock.advance(600_000);
    await run({ requests: 50, callers: 5, holdMs: 2 });
    const { dials } = await run({ requests: 50, callers: 50, holdMs: 2 });
    expect(dials).toBeLessThanOrEqual(2);
    for (const lease of await Promise.all(long)) lease.release();
  });

  it('does not wait for leases that last for minutes: where nothing else serves, it is dialed for at once', async () => {
    rig = createRig({ size: { min: 5, max: 30 }, behaviour: { open: { latencyMs: [20, 20] } } });
    await rig.clock.advance(500);
    await run({ requests: 50, callers: 5, holdMs: 2 });
    const long: Promise<Lease<SimulatedConnection>>[] = Array.from({ length: 5 }, () => rig.pool.acquire());
    await rig.clock.advance(600_000);
    const { elapsedMs, dials } = await run({ requests: 1, callers: 1, holdMs: 2 });
    expect(dials).toBe(1);
    expect(elapsedMs).toBeLessThanOrEqual(22 + STEP_MS);
    for (const lease of await Promise.all(long)) lease.release();
  });
});
