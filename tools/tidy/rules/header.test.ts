import { expect, test } from 'vitest';
import { faultsOf } from '../fixture.ts';
import { headers } from './header.ts';

const SOURCE = 'packages/resilience/src/clock.ts';
const judge = (text: string, path = SOURCE) => faultsOf(headers, { [path]: text });

test('a file opens with two sentences, on one line or on several', () => {
  expect(judge('/** Owns the clock. It must never know timers. */\nexport {};')).toEqual([]);
  expect(judge('/**\n * Owns the clock of `Date.now`.\n * It must never know\n * timers.\n */\n')).toEqual([]);
  expect(judge('#!/usr/bin/env node\n/** Owns the clock. It must never know timers. */\n')).toEqual([]);
});

test.each([
  ['export {};'],
  ["import './errors.ts';\n/** Owns the clock. It must never know timers. */"],
  ['/* Owns the clock. It must never know timers. */'],
  ['// Owns the clock. It must never know timers.'],
])('a file that opens otherwise is a fault: %s', (text) => {
  const message = 'does not open with a /** … */ block; say what the file owns and what it must never know';
  expect(judge(text)).toEqual([`${SOURCE}:1 header: ${message}`]);
});

test.each([
  ['/** Owns the clock. */'],
  ['/** Owns node:fs, e.g. files and so on */'],
  ['/** Owns clock.ts and `a. b. c.` too. */'],
])('one sentence is not enough: %s', (text) => {
  const message = 'has a header of less than two sentences; say what the file owns and what it must never know';
  expect(judge(text)).toEqual([`${SOURCE}:1 header: ${message}`]);
});

test('a test needs no header', () => {
  expect(judge("import { test } from 'vitest';", 'packages/resilience/src/clock.test.ts')).toEqual([]);
});
