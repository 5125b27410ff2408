import { describe, expect, it } from 'vitest';
import { askHook, type ListenerFailed, reportFault } from './hooks.ts';

const isNumber = (value: unknown) => typeof value === 'number';

function ask(answer: () => unknown, failed?: ListenerFailed): number {
  return askHook({ listenerFailed: failed }, 'delayMs', answer as () => number, isNumber, 7);
}

describe('askHook', () => {
  it('gives the answer of the function', () => {
    expect(ask(() => 3)).toBe(3);
  });

  it('gives the other answer when the function throws, and reports what it threw', () => {
    const faults: unknown[] = [];
    const error = new Error('broken');
    const broken = () => {
      throw error;
    };
    expect(ask(broken, (fault) => faults.push(fault))).toBe(7);
    expect(faults).toEqual([{ event: 'delayMs', error }]);
  });

  it('gives the other answer when the function answers what it may not, and reports that', () => {
    const messages: string[] = [];
    const failed: ListenerFailed = ({ error }) => messages.push((error as Error).message);
    expect(ask(() => 'soon', failed)).toBe(7);
    expect(ask(() => undefined, failed)).toBe(7);
    expect(ask(() => Object.create(null), failed)).toBe(7);
    expect(messages).toEqual([
      "delayMs may not answer 'soon'",
      'delayMs may not answer undefined',
      'delayMs may not answer an object',
    ]);
  });

  it('leaves no unhandled rejection behind when an async function is given by mistake', async () => {
    const faults: unknown[] = [];
    const error = new Error('broken, later');
    const broken = () => Promise.reject(error);
    expect(ask(broken, (fault) => faults.push(fault.error))).toBe(7);
    await Promise.resolve();
    expect(faults).toHaveLength(2);
    expect(faults[1]).toBe(error);
  });

  it('leaves no unhandled rejection behind when the one who is told is async, and fails', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    reportFault({ listenerFailed: () => Promise.reject(new Error('deaf, later')) as never }, 'delayMs', 'broken');
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('needs nobody to report to, and survives one who throws', () => {
    const deaf: ListenerFailed = () => {
      throw new Error('deaf');
    };
    expect(ask(() => 'soon')).toBe(7);
    expect(ask(() => 'soon', deaf)).toBe(7);
    expect(() => reportFault({ listenerFailed: deaf }, 'delayMs', 'broken')).not.toThrow();
  });
});
