import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { callerOf, signalOf } from './abort-source.ts';
import { Scope } from './scope.ts';

test('A scope aborts with what is around it, for the same reason, whether or not its signal was read before.', () => {
  const outer = new AbortController();
  const read = new Scope(outer.signal);
  const unread = new Scope(outer.signal);
  expect(read.signal.aborted).toBe(false);
  outer.abort('enough');
  expect([read.signal.reason, unread.signal.reason, unread.reason]).toEqual(['enough', 'enough', 'enough']);
  expect([read.aborted, unread.aborted]).toEqual([true, true]);
});

test('A scope that aborts leaves what is around it alone, and only its first abort counts.', () => {
  const outer = new Scope(undefined);
  const inner = new Scope(outer);
  inner.abort('first');
  inner.abort('second');
  expect([inner.signal.reason, outer.aborted, outer.signal.aborted]).toEqual(['first', false, false]);
});

test('A closed scope listens to nothing and hears of no later abort.', () => {
  const outer = new AbortController();
  const scope = new Scope(outer.signal);
  const { signal } = scope;
  expect(getEventListeners(outer.signal, 'abort')).toHaveLength(1);
  scope.close();
  expect(getEventListeners(outer.signal, 'abort')).toHaveLength(0);
  outer.abort('later');
  expect([scope.aborted, signal.aborted]).toEqual([false, false]);
});

test('A scope that had aborted with what is around it when it was closed stays aborted, though nobody had read its signal.', () => {
  const outer = new Scope(undefined);
  const scope = new Scope(outer);
  outer.abort('lost');
  scope.close();
  expect([scope.aborted, scope.reason, scope.signal.aborted]).toEqual([true, 'lost', true]);
});

test('A scope whose signal nobody reads does not listen.', () => {
  const outer = new AbortController();
  const scope = new Scope(outer.signal);
  expect([scope.aborted, getEventListeners(outer.signal, 'abort').length]).toEqual([false, 0]);
});

test('A plain signal is its own signal and its own caller; so is nothing.', () => {
  const { signal } = new AbortController();
  expect([signalOf(signal), callerOf(signal)]).toEqual([signal, signal]);
  expect([signalOf(undefined), callerOf(undefined)]).toEqual([undefined, undefined]);
});
