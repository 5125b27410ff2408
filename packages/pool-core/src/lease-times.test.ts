import { Histogram } from '@cryo/resilience';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRig } from '../test/rig.ts';
import { MovingMean } from './demand.ts';
import { LeaseTimes } from './lease-times.ts';

const ms = fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(0, 1e-9, 0.25, 1e300));
const note = fc.record({
  what: fc.constantFrom('waited' as const, 'held' as const),
  ms,
  askedOneIn: fc.nat({ max: 99 }),
});

describe('what leases lasted and were waited for', () => {
  it('is counted as if each were counted when it is noted, whenever somebody asks', () => {
    fc.assert(
      fc.property(fc.array(note, { maxLength: 400, size: 'max' }), (notes) => {
        const waits = new Histogram();
        const holds = new Histogram();
        const recent = new MovingMean();
        const waitTime = new Histogram();
        const useTime = new Histogram();
        const leaseTimes = new LeaseTimes(waitTime, useTime);
        for (const { what, ms, askedOneIn } of notes) {
          leaseTimes[what](ms);
          if (what === 'waited') waits.record(ms);
          else {
            holds.record(ms);
            recent.observe(ms);
          }
          if (askedOneIn === 0) expect(leaseTimes.ended).toBe(holds.count);
        }
        expect(leaseTimes.recentMs).toBe(recent.value);
        expect(leaseTimes.heldMs).toBe(holds.sum);
        expect(useTime.read()).toEqual(holds.read());
        expect(waitTime.read()).toEqual(waits.read());
      }),
    );
  });

  it('is not counted twice while the end of a lease is judged', async () => {
    const told: number[] = [];
    const { pool, clock, driver } = createRig({ size: { min: 1, max: 1 } });
    Object.assign(driver, { classify: () => void told.push(pool.snapshot().leasedTimeMs) });
    await clock.advance(5);
    const lease = await pool.acquire();
    await clock.advance(100);
    lease.release(new Error('no such table'));
    told.push(pool.snapshot().leasedTimeMs);
    expect(told).toEqual([100, 100]);
  });

  it('is neither told for the time in which the end of a lease is judged nor missed afterwards, though its connection is lost', async () => {
    const told: number[] = [];
    const { pool, clock, driver } = createRig({ size: { min: 1, max: 1 } });
    const tell = () => told.push(pool.snapshot().leasedTimeMs);
    Object.assign(driver, {
      classify() {
        clock.stall(50);
        tell();
        return 'connection-lost';
      },
    });
    await clock.advance(5);
    const lease = await pool.acquire();
    await clock.advance(100);
    lease.release(new Error('the socket is gone'));
    tell();
    await clock.advance(5);
    const next = await pool.acquire();
    await clock.advance(30);
    tell();
    next.release();
    expect(told).toEqual([100, 100, 130]);
  });
});
