import { describe, expect, it } from 'vitest';
import { CallContext, LazyAbort } from './deadline.ts';
import { AbortedError } from './errors.ts';

describe('LazyAbort', () => {
  it('gives the same signal on every reading', () => {
    const abort = new LazyAbort();
    expect(abort.signal).toBe(abort.signal);
    expect(abort.signal).toBeInstanceOf(AbortSignal);
    expect(abort.signal.aborted).toBe(false);
  });

  it('makes no controller until its signal is read', () => {
    const { AbortController } = globalThis;
    let made = 0;
    globalThis.AbortController = class extends AbortController {
      constructor() {
        super();
        made++;
      }
    };
    try {
      const abort = new LazyAbort();
      abort.abort('too late');
      expect(abort.aborted).toBe(true);
      expect(made).toBe(0);
      expect(abort.signal.aborted).toBe(true);
      expect(made).toBe(1);
    } finally {
      globalThis.AbortController = AbortController;
    }
  });

  it('aborts a signal that was read before, with the reason', () => {
    const abort = new LazyAbort();
    const heard: unknown[] = [];
    abort.signal.addEventListener('abort', () => heard.push(abort.signal.reason));
    abort.abort('enough');
    expect(heard).toEqual(['enough']);
    expect(abort.reason).toBe('enough');
  });

  it('gives an aborted signal when the abort came first', () => {
    const abort = new LazyAbort();
    abort.abort('enough');
    expect(abort.signal.aborted).toBe(true);
    expect(abort.signal.reason).toBe('enough');
  });

  it('keeps the first reason', () => {
    const abort = new LazyAbort();
    abort.abort('first');
    abort.abort('second');
    expect(abort.reason).toBe('first');
    expect(abort.signal.reason).toBe('first');
  });

  it('knows no reason before it is aborted', () => {
    const abort = new LazyAbort();
    expect(abort.aborted).toBe(false);
    expect(abort.reason).toBeUndefined();
  });

  it('never leaves an abort without a reason, and takes any other falsy reason as it is', () => {
    const nameless = new LazyAbort();
    nameless.abort(undefined);
    expect(nameless.reason).toBeInstanceOf(AbortedError);
    expect(nameless.signal.reason).toBe(nameless.reason);
    const odd = new LazyAbort();
    odd.abort(null);
    expect(odd.aborted).toBe(true);
    expect(odd.reason).toBeNull();
  });
});

describe('CallContext', () => {
  it('carries a deadline and a signal that whoever made it can abort', () => {
    const context = new CallContext(1_500);
    const { signal } = context;
    expect(context.deadline).toBe(1_500);
    context.abort('overdue');
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe('overdue');
    expect(context.signal).toBe(signal);
  });

  it('can be aborted before anybody reads its signal', () => {
    const context = new CallContext(Infinity);
    context.abort('overdue');
    expect(context.signal.reason).toBe('overdue');
  });
});
