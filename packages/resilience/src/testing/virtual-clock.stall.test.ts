import { describe, expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

const FOREGROUND = { background: false };

/** A clock and a record of what ran on it, and when. */
function recorded() {
  const clock = new VirtualClock();
  const log: [name: string, atMs: number][] = [];
  const note = (name: string) => () => {
    log.push([name, clock.now()]);
  };
  const at = (delayMs: number, name: string) => clock.set(delayMs, note(name), FOREGROUND);
  return { clock, log, note, at };
}

async function chainOf(length: number): Promise<void> {
  for (let link = 0; link < length; link++) await null;
}

describe('A stall', () => {
  test('lets time pass and runs nothing; what fell due runs late at the next opportunity, in due order.', async () => {
    const { clock, log, at } = recorded();
    at(300, 'deadline');
    at(100, 'reply');
    at(700, 'not yet');
    clock.stall(600);
    expect([log, clock.now()]).toEqual([[], 600]);
    await clock.advance(0);
    expect(log).toEqual([
      ['reply', 600],
      ['deadline', 600],
    ]);
  });

  test('lets in all input that arrived meanwhile before a late timer that asked for it is heard.', async () => {
    const { clock, log, note, at } = recorded();
    clock.set(300, () => clock.afterInput(note('judged')), FOREGROUND);
    at(400, 'reply');
    clock.stall(600);
    await clock.advance(0);
    expect(log).toEqual([
      ['reply', 600],
      ['judged', 600],
    ]);
  });

  test('inside a callback makes the rest of the advance late, and advance() ends when the stall does.', async () => {
    const { clock, log, at } = recorded();
    clock.set(5, () => clock.stall(100), FOREGROUND);
    at(8, 'late');
    at(104, 'later');
    at(106, 'not yet');
    await clock.advance(10);
    expect(log).toEqual([
      ['late', 105],
      ['later', 105],
    ]);
    expect(clock.now()).toBe(105);
  });

  test('delays timers that are set after it from its end.', async () => {
    const { clock, log, at } = recorded();
    clock.stall(50);
    at(10, 'after');
    await clock.advance(10);
    expect(log).toEqual([['after', 60]]);
  });
});

describe('After input', () => {
  test('comes after every timer that is due and before time moves on.', async () => {
    const { clock, log, note, at } = recorded();
    clock.set(10, () => clock.afterInput(note('input')), FOREGROUND);
    at(10, 'same instant');
    at(11, 'next instant');
    await clock.advance(20);
    expect(log).toEqual([
      ['same instant', 10],
      ['input', 10],
      ['next instant', 11],
    ]);
  });

  test('runs callbacks in order; one that is added meanwhile waits for the timers that are due by then.', async () => {
    const { clock, log, note, at } = recorded();
    clock.afterInput(() => {
      note('first')();
      clock.afterInput(note('third'));
      at(0, 'timer');
    });
    clock.afterInput(note('second'));
    await clock.advance(0);
    expect(log.map(([name]) => name)).toEqual(['first', 'second', 'timer', 'third']);
  });

  test('runs on an advance of nothing, without any timer, and lets promises drain between.', async () => {
    const { clock, log, note } = recorded();
    clock.afterInput(() => void chainOf(50).then(note('chain')));
    clock.afterInput(note('second'));
    await clock.advance(0);
    expect(log.map(([name]) => name)).toEqual(['chain', 'second']);
  });
});
