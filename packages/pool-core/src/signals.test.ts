import { describe, expect, it } from 'vitest';
import { Signals } from './signals.ts';

/** A signal that counts its listeners. */
function countingSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...parameters: Parameters<typeof add>) => {
    listeners++;
    add(...parameters);
  };
  signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
    listeners--;
    remove(...parameters);
  };
  return { controller, signal, count: () => listeners };
}

describe('the subscriptions to a signal', () => {
  it('share one listener, and leave none behind', () => {
    const { signal, count } = countingSignal();
    const signals = new Signals();
    const ends = Array.from({ length: 100 }, () => signals.follow(signal, () => {}));
    expect(count()).toBe(1);
    for (const end of ends) end();
    expect(count()).toBe(0);
    signals.follow(signal, () => {})();
    expect(count()).toBe(0);
  });

  it('are each told once, also when one of them ends another', () => {
    const { controller, signal } = countingSignal();
    const signals = new Signals();
    const told: string[] = [];
    const ends: (() => void)[] = [];
    ends.push(
      signals.follow(signal, () => {
        told.push('first');
        ends[1]?.();
      }),
    );
    ends.push(signals.follow(signal, () => told.push('second')));
    ends.push(signals.follow(signal, () => told.push('third')));
    controller.abort();
    controller.abort();
    expect(told).toEqual(['first', 'third']);
  });
});
