import { describe, expect, it } from 'vitest';
import type { ExecuteOptions, PolicyContext, Work } from './call.ts';
import { AbortedError, InvalidOptionsError } from './errors.ts';
import type { Frame, Step } from './frame.ts';
import { failure, type Outcome } from './outcome.ts';
import { Pipeline } from './policy.ts';
import type { Ruling } from './ruling.ts';

type Rules = Partial<Record<'enter' | 'succeeded' | 'failed', (frame: Frame, place: number) => Ruling>>;

/** A step that writes down what it sees, and rules as it is told. */
class Recorder implements Step {
  readonly #name: string;
  readonly #log: string[];
  readonly #rules: Rules;

  constructor(name: string, log: string[], rules: Rules = {}) {
    this.#name = name;
    this.#log = log;
    this.#rules = rules;
  }

  enter(frame: Frame, place: number) {
    this.#log.push(`enter ${this.#name}`);
    return this.#rules.enter?.(frame, place);
  }

  succeeded(frame: Frame, place: number, value: unknown): Ruling {
    this.#log.push(`${this.#name} succeeded ${value}`);
    return this.#rules.succeeded?.(frame, place);
  }

  failed(frame: Frame, place: number, error: unknown): Ruling {
    this.#log.push(`${this.#name} failed ${error}`);
    return this.#rules.failed?.(frame, place);
  }
}

const drive = <Result>(steps: readonly Step[], work: Work<Result>, options: ExecuteOptions | undefined) =>
  new Pipeline(steps).execute(work, options);

describe('the order of steps', () => {
  it('enters from the outermost to the work, and leaves in reverse', async () => {
    const log: string[] = [];
    const steps = [new Recorder('outer', log), new Recorder('inner', log)];
    await drive(steps, () => log.push('work'), undefined);
    expect(log).toEqual(['enter outer', 'enter inner', 'work', 'inner succeeded 3', 'outer succeeded 3']);
  });

  it('runs work without any step', async () => {
    await expect(drive([], () => 'done', undefined)).resolves.toBe('done');
  });

  it('does not leave a step that ended the call, nor enter those inside it', async () => {
    const log: string[] = [];
    const refuses = { enter: () => ({ kind: 'error', error: 'no' }) as const };
    const steps = [new Recorder('outer', log), new Recorder('gate', log, refuses), new Recorder('inner', log)];
    await expect(drive(steps, () => log.push('work'), undefined)).rejects.toBe('no');
    expect(log).toEqual(['enter outer', 'enter gate', 'outer failed no']);
  });

  it('lets a step end the call with a result', async () => {
    const log: string[] = [];
    const cache = { enter: () => ({ kind: 'result', value: 'known' }) as const };
    const steps = [new Recorder('outer', log), new Recorder('cache', log, cache)];
    await expect(drive(steps, () => 'work', undefined)).resolves.toBe('known');
    expect(log).toEqual(['enter outer', 'enter cache', 'outer succeeded known']);
  });

  it('lets a step replace an outcome, which the steps outside of it then see', async () => {
    const log: string[] = [];
    const rescue = { failed: () => ({ kind: 'result', value: 'saved' }) as const };
    const spoil = { succeeded: () => ({ kind: 'error', error: 'spoilt' }) as const };
    const rescued = drive([new Recorder('outer', log), new Recorder('rescue', log, rescue)], fails('no'), undefined);
    await expect(rescued).resolves.toBe('saved');
    const spoilt = drive([new Recorder('outer', log), new Recorder('spoil', log, spoil)], () => 'yes', undefined);
    await expect(spoilt).rejects.toBe('spoilt');
    expect(log.filter((line) => line.startsWith('outer'))).toEqual(['outer succeeded saved', 'outer failed spoilt']);
  });
});

describe('going round again', () => {
  const again = (times: number, when: () => Promise<undefined | Outcome> = async () => undefined) => {
    let left = times;
    return { failed: (): Ruling => (left-- > 0 ? when() : undefined) };
  };

  it('enters what is inside the step again, and nothing outside of it', async () => {
    const log: string[] = [];
    const steps = [new Recorder('outer', log), new Recorder('retry', log, again(1)), new Recorder('inner', log)];
    await expect(drive(steps, fails('no'), undefined)).rejects.toBe('no');
    expect(log).toEqual([
      ...['enter outer', 'enter retry', 'enter inner', 'inner failed no', 'retry failed no'],
      ...['enter inner', 'inner failed no', 'retry failed no', 'outer failed no'],
    ]);
  });

  it('takes a wait that fails, or answers an outcome, for what the step makes of the one before', async () => {
    for (const when of [() => Promise.reject('stopped'), async () => failure('stopped')]) {
      const log: string[] = [];
      const steps = [
        new Recorder('outer', log),
        new Recorder('retry', log, again(1, when)),
        new Recorder('inner', log),
      ];
      await expect(drive(steps, fails('no'), undefined)).rejects.toBe('stopped');
      expect(log).toEqual([
        ...['enter outer', 'enter retry', 'enter inner'],
        ...['inner failed no', 'retry failed no', 'outer failed stopped'],
      ]);
    }
  });

  it('settles the promise that the caller has had from the start', async () => {
    let tries = 0;
    const work = () => (++tries < 4 ? Promise.reject(tries) : Promise.resolve('at last'));
    await expect(drive([new Recorder('retry', [], again(9))], work, undefined)).resolves.toBe('at last');
  });

  it('works from a refusal in the first round too', async () => {
    let refusals = 2;
    const gate = { enter: () => (refusals-- > 0 ? ({ kind: 'error', error: 'closed' } as const) : undefined) };
    const steps = [new Recorder('retry', [], again(9)), new Recorder('gate', [], gate)];
    await expect(drive(steps, () => 'in', undefined)).resolves.toBe('in');
  });

  it('starts no further round once the caller has aborted', async () => {
    const controller = new AbortController();
    let tries = 0;
    const work = () => {
      tries++;
      controller.abort('enough');
      return Promise.reject(new Error('no'));
    };
    const call = drive([new Recorder('retry', [], again(1))], work, { signal: controller.signal });
    await expect(call).rejects.toBeInstanceOf(AbortedError);
    expect(tries).toBe(1);
  });

  it('may go round any number of times', async () => {
    let tries = 0;
    const work = () => (++tries <= 20_000 ? Promise.reject('no') : 'done');
    await expect(drive([new Recorder('retry', [], again(20_000))], work, undefined)).resolves.toBe('done');
  });
});

describe('a frame', () => {
  it('keeps the notes of calls in flight apart, and leaves them to the steps between calls', async () => {
    const seen = new Set<unknown>();
    let calls = 0;
    const enter = (frame: Frame, place: number): Ruling => {
      seen.add(frame.notes[place]);
      frame.notes[place] = ++calls;
      return undefined;
    };
    const succeeded = (frame: Frame, place: number): Ruling => {
      const value = frame.notes[place];
      frame.notes[place] = 'left';
      return { kind: 'result', value };
    };
    const pipeline = new Pipeline([new Recorder('note', [], { enter, succeeded })]);
    const work = () => new Promise<void>((resolve) => queueMicrotask(resolve));
    const wave = () => Promise.all(Array.from({ length: 300 }, () => pipeline.execute(work)));
    expect(await wave()).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(await wave()).toEqual(Array.from({ length: 300 }, (_, index) => index + 301));
    expect(seen).toEqual(new Set([undefined, 'left']));
  });

  it('hands neither signal nor deadline of one call to the next', async () => {
    const contexts: PolicyContext[] = [];
    const work: Work<unknown> = (context) => contexts.push(context);
    const { signal } = new AbortController();
    const options: ExecuteOptions = { signal, deadline: 500 };
    const pipeline = new Pipeline([]);
    await pipeline.execute(work, options);
    await pipeline.execute(work);
    expect(contexts[0]).toMatchObject({ signal, deadline: 500, attempt: 0 });
    expect(contexts[1]).toMatchObject({ deadline: Infinity, attempt: 0 });
    expect(contexts[1]?.signal).not.toBe(signal);
  });

  it('has room for any number of steps', async () => {
    const log: string[] = [];
    const steps = Array.from({ length: 12 }, (_, index) => new Recorder(`${index}`, log));
    await drive(steps, () => 'work', undefined);
    expect(log).toHaveLength(24);
  });
});

describe('what a call refuses', () => {
  it('does not enter any step for a caller that has aborted before', async () => {
    const log: string[] = [];
    const call = drive([new Recorder('gate', log)], () => log.push('work'), { signal: AbortSignal.abort('before') });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'before' });
    expect(log).toEqual([]);
  });

  it('rejects, and never throws, when the work is no function', async () => {
    const log: string[] = [];
    const work = 'select 1' as unknown as Work<unknown>; // what a caller without types may do
    const call = drive([new Recorder('gate', log)], work, undefined);
    await expect(call).rejects.toThrow(InvalidOptionsError);
    await expect(call).rejects.toThrow("work is 'select 1', expected a function");
    expect(log).toEqual([]);
  });
});

function fails(error: unknown): () => Promise<never> {
  return () => Promise.reject(error);
}
