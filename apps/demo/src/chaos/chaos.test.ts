import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Wire } from '../wire/wire.ts';
import { startChaos } from './chaos.ts';
import type { ChaosPlan } from './plan.ts';

const PLAN: ChaosPlan = { faults: ['kill', 'dial-failures'], atMs: 5_000, forMs: 3_000 };

/** A wire with one connection that is dialed anew as often as it is lost. */
function wireWithHistory() {
  const wire = new Wire(() => 0);
  const history: string[] = [];
  const dial = () => {
    const connection = {};
    wire.opened(connection);
    wire.watch(connection, () => {
      history.push('lost');
      dial();
    });
  };
  dial();
  const listener = { began: () => history.push('began'), healed: () => history.push('healed') };
  return { wire, history, listener };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('chaos', () => {
  it('acts within its window only, and kills again each second', () => {
    const { wire, history, listener } = wireWithHistory();
    startChaos(PLAN, wire, listener);
    vi.advanceTimersByTime(4_999);
    expect([wire.faults, history]).toEqual([[], []]);
    vi.advanceTimersByTime(2_500);
    expect(wire.faults).toEqual(PLAN.faults);
    vi.advanceTimersByTime(10_000);
    expect(wire.faults).toEqual([]);
    expect(history).toEqual(['began', 'lost', 'lost', 'lost', 'healed']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('heals the wire when it is stopped in the middle, and never begins when stopped before', () => {
    for (const [stopAtMs, heard] of [
      [6_000, ['began', 'lost', 'lost', 'healed']],
      [1_000, []],
    ] as const) {
      const { wire, history, listener } = wireWithHistory();
      const chaos = startChaos({ ...PLAN }, wire, listener);
      vi.advanceTimersByTime(stopAtMs);
      chaos.stop();
      vi.advanceTimersByTime(10_000);
      expect([wire.faults, history]).toEqual([[], heard]);
    }
  });

  it('leaves connections alone when only dials fail', () => {
    const { wire, history, listener } = wireWithHistory();
    startChaos({ ...PLAN, faults: ['dial-failures'] }, wire, listener);
    vi.advanceTimersByTime(20_000);
    expect(history).toEqual(['began', 'healed']);
  });
});
