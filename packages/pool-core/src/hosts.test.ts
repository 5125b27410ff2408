import type { AbortSignal } from '@cryo/resilience';
import { VirtualClock } from '@cryo/resilience/testing';
import { describe, expect, test } from 'vitest';
import { rejectionOf } from '../test/rig.ts';
import { Hosts } from './hosts.ts';
import { createRedactor } from './redaction.ts';

const LIST = [{ address: 'first:1' }, { address: 'second:2' }];

function rig() {
  const clock = new VirtualClock();
  const hosts = new Hosts({ clock, timers: clock });
  const context = () => ({ signal: new AbortController().signal as AbortSignal, deadline: clock.now() + 1_000 });
  return { clock, hosts, context };
}

describe('A dial of several hosts', () => {
  test('asks each of them once, also when another dial finds out meanwhile which one serves.', async () => {
    const { hosts, context } = rig();
    const asked: string[] = [];
    let refuse: (error: Error) => void = () => {};
    const slow = hosts.open(LIST, context(), ({ address }) => {
      asked.push(address);
      if (address === 'second:2') return Promise.resolve('from the second');
      return new Promise<string>((_resolve, reject) => {
        refuse = reject;
      });
    });
    const quick = await hosts.open(LIST, context(), ({ address }) =>
      address === 'first:1' ? Promise.reject(new Error('down')) : Promise.resolve('also from the second'),
    );
    expect(quick).toBe('also from the second');
    refuse(new Error('down'));
    expect(await slow).toBe('from the second');
    expect(asked).toEqual(['first:1', 'second:2']);
  });

  test('begins with the one that served last.', async () => {
    const { hosts, context } = rig();
    const asked: string[] = [];
    const open = () =>
      hosts.open(LIST, context(), async ({ address }) => {
        asked.push(address);
        if (address === 'first:1') throw new Error('down');
      });
    await open();
    await open();
    expect(asked).toEqual(['first:1', 'second:2', 'second:2']);
  });

  test('gives each its share of the time that is left, the last one all but a tenth, and leaves no timer behind.', async () => {
    const { clock, hosts, context } = rig();
    const ends: number[] = [];
    const dial = rejectionOf(
      hosts.open(
        LIST,
        context(),
        (_host, { signal }) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              ends.push(clock.now());
              reject(signal.reason);
            });
          }),
      ),
    );
    await clock.advance(1_000);
    expect((await dial).message).toContain('second:2: The host did not answer within 495 ms');
    expect(ends).toEqual([450, 945]);
    expect(clock.pending()).toBe(0);
  });

  test('tells what each said, whatever was thrown.', async () => {
    const { hosts, context } = rig();
    const wordless = Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('unreadable');
      },
    });
    for (const thrown of [Object.create(null), wordless]) {
      const error = await rejectionOf(hosts.open(LIST, context(), () => Promise.reject(thrown)));
      expect(error).toMatchObject({ code: 'ALL_HOSTS_FAILED', errors: [thrown, thrown] });
    }
  });

  test('shows no secret in any of them.', async () => {
    const { hosts, context } = rig();
    const error = await rejectionOf(
      hosts.open(LIST, context(), ({ address }) =>
        Promise.reject(new Error(`mysql://me:hunter2hunter2@${address} said no to s3cr3t-one`)),
      ),
    );
    const shown = createRedactor(() => ['s3cr3t-one']).mask(error) as typeof error & { errors: Error[] };
    expect(shown.message).not.toMatch(/hunter2|s3cr3t/);
    for (const one of shown.errors) expect(one.message).not.toMatch(/hunter2|s3cr3t/);
  });
});
