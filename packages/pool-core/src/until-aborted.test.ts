import { describe, expect, test } from 'vitest';
import { rejectionOf } from '../test/rig.ts';
import { untilAborted } from './until-aborted.ts';

/** A signal that tells how many listen to it. */
function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    listeners++;
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    listeners--;
    remove(...given);
  };
  return { controller, signal, listeners: () => listeners };
}

describe('A hook that is waited for while it is wanted', () => {
  test('is answered by what it answers, and nobody listens to the signal afterwards.', async () => {
    const { signal, listeners } = counted();
    expect(await untilAborted(signal, () => 'at once')).toBe('at once');
    expect(await untilAborted(signal, async () => 'by and by')).toBe('by and by');
    expect(listeners()).toBe(0);
  });

  test('rejects with what it throws, at once or later.', async () => {
    const { signal, listeners } = counted();
    const mine = new Error('mine');
    const throwing = untilAborted(signal, () => {
      throw mine;
    });
    expect(await rejectionOf(throwing)).toBe(mine);
    expect(await rejectionOf(untilAborted(signal, () => Promise.reject(mine)))).toBe(mine);
    expect(listeners()).toBe(0);
  });

  test('is not waited for once the signal aborts, and what it says after that is not heard.', async () => {
    const { controller, signal } = counted();
    let refuse: (error: Error) => void = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      refuse = reject;
    });
    const waiting = rejectionOf(untilAborted(signal, () => late));
    const reason = new Error('out of time');
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    refuse(new Error('too late'));
    await Promise.resolve();
  });

  test('does not even begin where the signal has aborted before.', async () => {
    const { controller, signal } = counted();
    controller.abort(new Error('too late'));
    let began = false;
    const work = () => {
      began = true;
    };
    expect((await rejectionOf(untilAborted(signal, work))).message).toBe('too late');
    expect(began).toBe(false);
  });
});
