import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../test/rig.ts';

let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

async function warm(leak: NonNullable<Parameters<typeof createRig>[0]>['leak'] = {}): Promise<Rig> {
  rig = createRig({ size: { min: 1, max: 5 }, validation: { intervalMs: Infinity }, leak });
  await rig.clock.advance(5);
  return rig;
}

async function acquire(label: string) {
  const lease = rig.pool.acquire({ label });
  await rig.clock.advance(200);
  return lease;
}

describe('the leak watch', () => {
  it('reports a lease once when it is held too long, by its label', async () => {
    const { pool, clock } = await warm({ warnAfterMs: 10_000 });
    const reports: unknown[] = [];
    pool.on('leak-suspected', ({ label, heldMs }) => reports.push([label, heldMs >= 10_000]));
    const lease = await acquire('report');
    await clock.advance(60_000);
    expect(reports).toEqual([['report', true]]);
    lease.release();
  });

  it('takes it back when the lease comes home after all, whoever it was and by whatever way', async () => {
    const { pool, clock } = await warm({ warnAfterMs: 10_000 });
    const ended: unknown[] = [];
    pool.on('leak-ended', ({ label, heldMs }) => ended.push([label, heldMs >= 30_000]));
    const held = [await acquire('report'), await acquire('export')];
    const slow = pool.use(() => new Promise<void>((resolve) => clock.set(30_000, resolve, { background: false })));
    await clock.advance(30_100);
    await slow;
    held[0]?.release();
    held[1]?.evict();
    (await acquire('short')).release();
    expect(ended).toEqual([
      [undefined, true],
      ['report', true],
      ['export', true],
    ]);
    await clock.advance(10);
  });

  it('tells the logger, and a logger that throws hurts nobody', async () => {
    const lines: string[] = [];
    const logger = {
      info: () => {},
      warn: (_entry: object, message: string) => {
        lines.push(message);
        throw new Error('no disk');
      },
    };
    rig = createRig({ size: { min: 1, max: 1 }, leak: { warnAfterMs: 10_000 }, logger });
    await rig.clock.advance(5);
    const lease = await acquire('report');
    await rig.clock.advance(12_000);
    expect(lines[0]).toMatch(/^Pool 'orders': the lease 'report' has been held for 1\d{4}/);
    lease.release();
    lease.release();
    expect(lines.at(-1)).toBe("Pool 'orders': the lease 'report' was released twice");
  });

  it('captures the stack of later acquirers with the same label, after the first leak and for one in sixteen', async () => {
    const { pool, clock } = await warm({ warnAfterMs: 10_000 });
    const stacks: (string | undefined)[] = [];
    pool.on('leak-suspected', ({ stack }) => stacks.push(stack));
    const first = await acquire('report');
    await clock.advance(12_000);
    expect(stacks).toEqual([undefined]);
    const later = await acquire('report');
    const others = [];
    for (let count = 0; count < 3; count++) others.push(await acquire('report'));
    await clock.advance(12_000);
    expect(stacks.slice(1).filter((stack) => stack !== undefined)).toHaveLength(1);
    expect(stacks[1]).toContain('leak.test.ts');
    for (const lease of [first, later, ...others]) lease.release();
  });

  it('counts one in sixteen for each label by itself', async () => {
    const { pool, clock } = await warm({ warnAfterMs: 10_000 });
    const stacks: Record<string, number> = { A: 0, B: 0 };
    const held = [await acquire('A'), await acquire('B')];
    await clock.advance(12_000);
    pool.on('leak-suspected', ({ label = '', stack }) => {
      if (stack !== undefined) stacks[label] = (stacks[label] ?? 0) + 1;
    });
    pool.resize({ max: 50 });
    for (const label of ['A', 'B', 'A', 'B']) held.push(await acquire(label));
    await clock.advance(12_000);
    expect(stacks).toEqual({ A: 1, B: 1 });
    for (const lease of held) lease.release();
  });

  it('does not call it a double release when a holder gives back what was taken away', async () => {
    const { pool, clock } = await warm({ warnAfterMs: 1_000, reclaimAfterMs: 2_000 });
    const told: unknown[] = [];
    pool.on('double-release', (event) => told.push(event));
    const lease = await acquire('report');
    await clock.advance(3_000);
    lease.release();
    expect(told).toEqual([]);
  });

  it('captures no stack for a label that never leaked', async () => {
    const { pool, clock } = await warm({ warnAfterMs: 10_000 });
    const stacks: (string | undefined)[] = [];
    pool.on('leak-suspected', ({ stack }) => stacks.push(stack));
    const first = await acquire('report');
    await clock.advance(12_000);
    const other = await acquire('other');
    await clock.advance(12_000);
    expect(stacks).toEqual([undefined, undefined]);
    first.release();
    other.release();
  });

  it('always captures stacks when told so', async () => {
    const { pool, clock } = await warm({ warnAfterMs: 10_000, stacks: 'always' });
    let stack: string | undefined;
    pool.on('leak-suspected', (event) => {
      stack = event.stack;
    });
    const lease = await acquire('report');
    await clock.advance(12_000);
    expect(stack).toContain('leak.test.ts');
    lease.release();
  });

  it("never reclaims what was given back on the report and is another holder's by then", async () => {
    const { pool, clock } = await warm({ warnAfterMs: 1_000, reclaimAfterMs: 1_000 });
    pool.resize({ min: 1, max: 1 });
    const late = await acquire('late');
    pool.on('leak-suspected', () => late.release());
    const innocent = pool.acquire({ label: 'innocent' });
    await clock.advance(1_500);
    expect((await innocent).inForce).toBe(true);
    (await innocent).release();
  });

  it('reclaims a lease for good: the connection is destroyed, the lease is over, and use is told through its signal', async () => {
    const { pool, clock, truth } = await warm({ warnAfterMs: 1_000, reclaimAfterMs: 10_000 });
    let told: unknown;
    const hung = pool.use(
      (_connection, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = signal.reason;
            reject(signal.reason);
          });
        }),
      { label: 'hung' },
    );
    const ended = hung.catch((error: unknown) => error);
    const lease = await acquire('report');
    await clock.advance(15_000);
    expect(() => lease.connection).toThrow('used after it ended');
    expect(told).toMatchObject({ code: 'LEASE_RELEASED' });
    expect(await ended).toBe(told);
    expect(truth.alive()).toBe(pool.snapshot().live);
    lease.release();
    expect(pool.snapshot().connections.leased).toBe(0);
  });
});
