import { describe, expect, it } from 'vitest';
import { drive, type Frame, type Step } from './frame.ts';
import type { Entry, Ruling } from './ruling.ts';

function step(log: string[], name: string, rules: { enter?: () => Entry; failed?: () => Ruling } = {}): Step {
  return {
    enter() {
      log.push(`enter ${name}`);
      return rules.enter?.();
    },
    succeeded: (_frame, _place, value): Ruling => void log.push(`${name} succeeded ${value}`),
    failed: (_frame, _place, error): Ruling => {
      log.push(`${name} failed ${error}`);
      return rules.failed?.();
    },
  };
}

const waits = (until: () => Promise<void>) => ({ enter: (): Entry => ({ kind: 'wait', until: until() }) });

describe('a step that makes a call wait', () => {
  it('is entered when the wait is over, and left like any other', async () => {
    const log: string[] = [];
    const steps = [
      step(log, 'outer'),
      step(
        log,
        'gate',
        waits(async () => {}),
      ),
      step(log, 'inner'),
    ];
    await expect(drive(steps, () => 'done', undefined)).resolves.toBe('done');
    expect(log).toEqual([
      ...['enter outer', 'enter gate', 'enter inner'],
      ...['inner succeeded done', 'gate succeeded done', 'outer succeeded done'],
    ]);
  });

  it('is not left when the wait fails, which is the outcome that those outside of it see', async () => {
    const log: string[] = [];
    const steps = [
      step(log, 'outer'),
      step(
        log,
        'gate',
        waits(() => Promise.reject('full')),
      ),
      step(log, 'inner'),
    ];
    await expect(drive(steps, () => 'done', undefined)).rejects.toBe('full');
    expect(log).toEqual(['enter outer', 'enter gate', 'outer failed full']);
  });

  it('is left when the caller has aborted while the wait was ending', async () => {
    const log: string[] = [];
    const controller = new AbortController();
    const gate = waits(async () => controller.abort());
    const call = drive([step(log, 'gate', gate)], () => log.push('work'), { signal: controller.signal });
    await expect(call).rejects.toHaveProperty('code', 'ABORTED');
    expect(log).toEqual(['enter gate', 'gate failed AbortedError: The operation was aborted by its caller']);
  });
});

describe('a step that answers later', () => {
  it('gives the outcome that those outside of it see', async () => {
    const log: string[] = [];
    const steps = (outcome: () => Promise<unknown>) => [
      step(log, 'outer'),
      step(log, 'rescue', { failed: () => ({ kind: 'later', outcome: outcome() }) }),
    ];
    const fails = () => Promise.reject('no');
    await expect(
      drive(
        steps(async () => 'saved'),
        fails,
        undefined,
      ),
    ).resolves.toBe('saved');
    await expect(
      drive(
        steps(() => Promise.reject('lost')),
        fails,
        undefined,
      ),
    ).rejects.toBe('lost');
    expect(log.filter((line) => line.startsWith('outer'))).toEqual(['outer succeeded saved', 'outer failed lost']);
  });
});

describe('a step that cuts the call off', () => {
  it('frees the caller, and what is inside of it goes on by itself to its own end', async () => {
    const log: string[] = [];
    let held: Frame | undefined;
    const cutter: Step = {
      enter(frame) {
        held = frame;
        frame.detach();
        return undefined;
      },
      succeeded: (): Ruling => undefined,
      failed: (_frame, _place, error): Ruling => void log.push(`cutter failed ${error}`),
    };
    let finish: (value: string) => void = () => {};
    const work = () => new Promise<string>((resolve) => (finish = resolve));
    const call = drive([step(log, 'outer'), cutter, step(log, 'inner')], work, undefined);
    held?.cutOff(1, 'enough');
    await expect(call).rejects.toBe('enough');
    const others = Array.from({ length: 300 }, (_, index) => drive([step([], 'other')], async () => index, undefined));
    finish('late');
    await expect(Promise.all(others)).resolves.toEqual(Array.from({ length: 300 }, (_, index) => index));
    expect(log).toEqual([
      ...['enter outer', 'enter inner', 'cutter failed enough', 'outer failed enough', 'inner succeeded late'],
    ]);
  });
});
