import { describe, expect, test } from 'vitest';
import { InvalidOptionsError } from '../errors.ts';
import { anyOf } from './any-of.ts';
import { failureRate } from './failure-rate.ts';
import { slowCallRate } from './slow-call-rate.ts';
import { consecutiveFailures, type TripRule } from './trip-rule.ts';

const COUNTS = consecutiveFailures(3);
const TIME = failureRate({ rate: 0.5, minimumCalls: 4, windowMs: 10_000 });
const DURATIONS = slowCallRate({ rate: 1, slowMs: 500, minimumCalls: 2, windowMs: 10_000 });

test('Any of several rules needs what the most demanding of them needs, in whatever order they stand.', () => {
  expect(anyOf(COUNTS).needs).toBe('counts');
  expect([anyOf(COUNTS, TIME).needs, anyOf(TIME, COUNTS).needs]).toEqual(['time', 'time']);
  expect([anyOf(DURATIONS, TIME).needs, anyOf(COUNTS, anyOf(TIME, DURATIONS)).needs]).toEqual([
    'durations',
    'durations',
  ]);
});

test('The first rule that is met opens, and says why.', () => {
  const streak = anyOf(COUNTS, TIME).begin();
  expect([streak.failed(0, 1), streak.failed(0, 1)]).toEqual([undefined, undefined]);
  expect(streak.failed(0, 1)).toBe('3 calls in a row failed');
  const rate = anyOf(COUNTS, TIME).begin();
  for (const _ of [1, 2]) expect([rate.failed(0, 1), rate.succeeded(0, 1)]).toEqual([undefined, undefined]);
  expect(rate.failed(0, 1)).toBe('3 of 5 calls failed within 10 s');
});

test('A success opens where a rule opens at successes.', () => {
  const record = anyOf(COUNTS, DURATIONS).begin();
  expect(record.succeeded(0, 900)).toBeUndefined();
  expect(record.succeeded(0, 900)).toBe('2 of 2 calls took 500 ms or longer within 10 s');
});

test('All rules that are met at once are named.', () => {
  const record = anyOf(COUNTS, failureRate({ rate: 1, minimumCalls: 3, windowCalls: 9 })).begin();
  record.failed(0, 1);
  record.failed(0, 1);
  expect(record.failed(0, 1)).toBe('3 calls in a row failed; 3 of the last 3 calls failed');
});

test('Every rule hears of every outcome, also after another has been met.', () => {
  const heard: string[] = [];
  const rule = (name: string, reason: string | undefined): TripRule => ({
    needs: 'counts',
    begin: () => ({
      succeeded: () => void heard.push(`${name} succeeded`),
      failed: (now, durationMs) => {
        heard.push(`${name} failed at ${now} after ${durationMs}`);
        return reason;
      },
    }),
  });
  const record = anyOf(rule('one', 'enough'), rule('other', undefined)).begin();
  expect(record.failed(7, 8)).toBe('enough');
  record.succeeded(9, 9);
  expect(heard).toEqual(['one failed at 7 after 8', 'other failed at 7 after 8', 'one succeeded', 'other succeeded']);
});

describe('A rule that throws', () => {
  const broken: TripRule = {
    needs: 'counts',
    begin: () => ({
      succeeded: () => expect.fail('broken'),
      failed: () => expect.fail('broken'),
    }),
  };

  test.each([
    ['before', [broken, consecutiveFailures(2)]],
    ['behind', [consecutiveFailures(2), broken]],
  ])('keeps no rule %s it from opening.', (_where, rules) => {
    const record = anyOf(...rules).begin();
    expect(() => record.failed(0, 1)).toThrow('broken');
    expect(record.failed(0, 1)).toBe('2 calls in a row failed');
  });

  test('is heard of where no other has a reason, and the others hear of a success all the same.', () => {
    const record = anyOf(broken, consecutiveFailures(2)).begin();
    expect(() => record.failed(0, 1)).toThrow('broken');
    expect(() => record.succeeded(0, 1)).toThrow('broken');
    expect(() => record.failed(0, 1)).toThrow('broken');
    expect(record.failed(0, 1)).toBe('2 calls in a row failed');
  });
});

test('An answer that is no text is no reason.', () => {
  const answering = (answer: unknown): TripRule => ({
    needs: 'counts',
    begin: () => ({ succeeded: () => answer as undefined, failed: () => answer as undefined }),
  });
  const record = anyOf(answering(null), answering(7), consecutiveFailures(1)).begin();
  expect([record.succeeded(0, 1), record.failed(0, 1)]).toEqual([undefined, 'a call failed']);
});

test('Each breaker gets records of its own.', () => {
  const rule = anyOf(consecutiveFailures(2));
  const [one, other] = [rule.begin(), rule.begin()];
  one.failed(0, 1);
  expect(other.failed(0, 1)).toBeUndefined();
  expect(one.failed(0, 1)).toBeDefined();
});

test('No rule at all is refused, and so is everything that is none, all at once.', () => {
  expect(() => anyOf()).toThrow('anyOf: rules is an array, expected at least one rule');
  const noRules = [COUNTS, undefined, 5, { needs: 'nothing', begin: () => TIME.begin() }];
  expect(() => Reflect.apply(anyOf, undefined, noRules)).toThrow(
    new InvalidOptionsError('anyOf', [
      { path: 'rules[1]', value: undefined, expected: 'a trip rule, such as consecutiveFailures(5)' },
      { path: 'rules[2]', value: 5, expected: 'a trip rule, such as consecutiveFailures(5)' },
      { path: 'rules[3].needs', value: 'nothing', expected: "one of 'counts', 'time', 'durations'" },
    ]),
  );
});
