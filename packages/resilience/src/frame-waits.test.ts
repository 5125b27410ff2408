import { describe, expect, it } from 'vitest';
import type { ExecuteOptions, Work } from './call.ts';
import { runInside } from './call-guard.ts';
import type { Boundary, Frame, Guard, Step } from './frame.ts';
import type { Outcome } from './outcome.ts';
import { compose, Pipeline } from './policy.ts';
import type { Ruling } from './ruling.ts';

type Part = Step | Boundary;

const policyOf = (part: Part) => ('guard' in part ? new Pipeline([], part) : new Pipeline([part]));

const drive = <Result>(parts: readonly Part[], work: Work<Result>, options: ExecuteOptions | undefined) =>
  compose(...parts.map(policyOf)).execute(work, options);

function step(log: string[], name: string, rules: { enter?: () => Ruling; failed?: () => Ruling } = {}): Step {
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

const waits = (until: () => Promise<undefined>) => ({ enter: (): Ruling => until() });

describe('a step that makes a call wait', () => {
  it('is entered when the wait is over, and left like any other', async () => {
    const log: string[] = [];
    const steps = [
      step(log, 'outer'),
      step(
        log,
        'gate',
        waits(async () => undefined),
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
    const gate = waits(async () => void controller.abort());
    const call = drive([step(log, 'gate', gate)], () => log.push('work'), { signal: controller.signal });
    await expect(call).rejects.toHaveProperty('code', 'ABORTED');
    expect(log).toEqual(['enter gate', 'gate failed AbortedError: The operation was aborted by its caller']);
  });
});

describe('a step that answers later', () => {
  it('gives the outcome that those outside of it see', async () => {
    const log: string[] = [];
    const steps = (outcome: () => Promise<Outcome>) => [
      step(log, 'outer'),
      step(log, 'rescue', { failed: () => outcome() }),
    ];
    const fails = () => Promise.reject('no');
    await expect(
      drive(
        steps(async () => ({ kind: 'result', value: 'saved' })),
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

describe('a boundary', () => {
  /** Lets what is inside decide, until it is told to give it up. */
  class Impatient implements Boundary {
    readonly giveUp: ((error: unknown) => void)[] = [];

    guard(frame: Frame): Guard {
      return { begin: () => this.#begin(frame), retire: () => {} };
    }

    #begin(frame: Frame): void {
      let isAwaited = true;
      const once = (tell: (outcome: unknown) => unknown) => (outcome: unknown) => {
        if (isAwaited) tell(outcome);
        isAwaited = false;
      };
      const fail = once((error) => frame.failed(error));
      this.giveUp.push(fail);
      runInside(frame, frame.scope, frame.deadline, frame.attempt).then(
        once((value) => frame.succeeded(value)),
        fail,
      );
    }
  }

  it('that gives up frees the caller, and what is inside of it goes on by itself to its own end', async () => {
    const log: string[] = [];
    const boundary = new Impatient();
    let finish: (value: string) => void = () => {};
    const work = () => new Promise<string>((resolve) => (finish = resolve));
    const pipeline = compose(...[step(log, 'outer'), boundary, step(log, 'inner')].map(policyOf));
    const call = pipeline.execute(work);
    boundary.giveUp[0]?.('enough');
    await expect(call).rejects.toBe('enough');
    const others = Array.from({ length: 300 }, (_, index) => pipeline.execute(async () => index));
    log.length = 0;
    finish('late');
    await expect(Promise.all(others)).resolves.toEqual(Array.from({ length: 300 }, (_, index) => index));
    expect(log.filter((line) => line.endsWith('late'))).toEqual(['inner succeeded late']);
  });

  it('stands between the steps outside and those inside, whatever comes of the call', async () => {
    const log: string[] = [];
    const steps = [step(log, 'outer'), new Impatient(), step(log, 'inner')];
    await expect(drive(steps, () => 'done', undefined)).resolves.toBe('done');
    await expect(drive(steps, () => Promise.reject('no'), undefined)).rejects.toBe('no');
    expect(log).toEqual([
      ...['enter outer', 'enter inner', 'inner succeeded done', 'outer succeeded done'],
      ...['enter outer', 'enter inner', 'inner failed no', 'outer failed no'],
    ]);
  });

  it('hands on the attempt, and a step outside may have all inside of it again', async () => {
    const attempts: unknown[] = [];
    const again: Step = {
      enter: () => undefined,
      succeeded: () => undefined,
      failed(frame) {
        frame.attempt++;
        return frame.attempt < 3 ? Promise.resolve(undefined) : undefined;
      },
    };
    const work: Work<never> = ({ attempt }) => {
      attempts.push(attempt);
      return Promise.reject('no');
    };
    await expect(drive([again, new Impatient(), step([], 'inner')], work, undefined)).rejects.toBe('no');
    expect(attempts).toEqual([0, 1, 2]);
  });
});
