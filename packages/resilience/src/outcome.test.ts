import { describe, expect, it, vi } from 'vitest';
import {
  AbortedError,
  BreakerOpenError,
  CryoError,
  DeadlineExceededError,
  RefusedError,
  RetriesExhaustedError,
  tooLateToBegin,
} from './errors.ts';
import { isCancellation, isVerdict, judgeErrorByDefault } from './outcome.ts';

const refusal = new BreakerOpenError({ breaker: 'inventory', state: 'open' });
const abortError = new DOMException('This operation was aborted', 'AbortError');
const timeoutError = new DOMException('The operation timed out', 'TimeoutError');

describe('the default verdict on an error', () => {
  it('calls any error a failure', () => {
    for (const error of [new Error('no'), new TypeError('no'), 'no', undefined, null, 0, {}]) {
      expect(judgeErrorByDefault(error)).toBe('failure');
    }
  });

  it('calls a deadline that passed a failure', () => {
    expect(judgeErrorByDefault(new DeadlineExceededError())).toBe('failure');
    expect(judgeErrorByDefault(timeoutError)).toBe('failure');
  });

  it('calls a deadline that passed before the work began neutral, and so retries that met nothing else', () => {
    const late = tooLateToBegin(undefined);
    expect([late.code, late.begun, new DeadlineExceededError().begun]).toEqual(['DEADLINE_EXCEEDED', false, true]);
    expect(judgeErrorByDefault(late)).toBe('neutral');
    expect(judgeErrorByDefault(new RetriesExhaustedError([late, refusal]))).toBe('neutral');
    expect(judgeErrorByDefault(new RetriesExhaustedError([late, new Error('no')]))).toBe('failure');
  });

  it('calls whatever ends an aborted call neutral', () => {
    const { signal } = abortedController();
    for (const error of [signal.reason, new Error('socket closed'), 'query cancelled']) {
      expect(judgeErrorByDefault(error, signal)).toBe('neutral');
    }
  });

  it('calls a cancellation neutral when no signal is known to tell whose it is', () => {
    expect(judgeErrorByDefault(abortError)).toBe('neutral');
    expect(judgeErrorByDefault(new AbortedError('gone'))).toBe('neutral');
  });

  it('calls a cancellation that is not the caller own a failure', () => {
    expect(judgeErrorByDefault(abortError, new AbortController().signal)).toBe('failure');
  });

  it('calls a refusal by a policy of ours neutral', () => {
    expect(judgeErrorByDefault(refusal)).toBe('neutral');
    expect(judgeErrorByDefault(new RefusedError('FULL', 'full', { policy: 'bulkhead' }))).toBe('neutral');
  });

  it('calls retries that met nothing but refusals neutral, and any others a failure', () => {
    expect(judgeErrorByDefault(new RetriesExhaustedError([refusal, refusal]))).toBe('neutral');
    expect(judgeErrorByDefault(new RetriesExhaustedError([new Error('reset'), refusal]))).toBe('failure');
  });

  it('knows the retries of another copy of the package', async () => {
    vi.resetModules();
    const copy = await import('./errors.ts');
    expect(judgeErrorByDefault(new copy.RetriesExhaustedError([refusal]))).toBe('neutral');
    expect(judgeErrorByDefault(new copy.RetriesExhaustedError([new Error('reset')]))).toBe('failure');
  });

  it('calls other errors of ours a failure', () => {
    expect(judgeErrorByDefault(new CryoError('SOMETHING', 'else'))).toBe('failure');
  });
});

describe('isCancellation', () => {
  it('knows what the platform and we ourselves call one', () => {
    expect(isCancellation(abortError)).toBe(true);
    expect(isCancellation(Object.assign(new Error('stop'), { name: 'AbortError' }))).toBe(true);
    expect(isCancellation(new AbortedError(undefined))).toBe(true);
  });

  it('takes nothing else for one', () => {
    for (const value of [timeoutError, new Error('AbortError'), 'AbortError', undefined, null, 7]) {
      expect(isCancellation(value)).toBe(false);
    }
  });
});

describe('isVerdict', () => {
  it('tells the three verdicts from everything else', () => {
    expect(['success', 'failure', 'neutral'].every(isVerdict)).toBe(true);
    expect([true, undefined, 'SUCCESS', 1, {}].some(isVerdict)).toBe(false);
  });
});

function abortedController(): AbortController {
  const controller = new AbortController();
  controller.abort();
  return controller;
}
