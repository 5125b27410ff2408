import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

const AREAS = { resilience: ['closed-breaker', 'idle-retry'] };

test('an area alone is measured whole, in as many rounds as a median needs', () => {
  expect(readArguments(['resilience'], AREAS)).toEqual({
    area: 'resilience',
    rounds: 31,
    only: undefined,
    json: false,
  });
});

test('rounds, one scenario and JSON can be asked for', () => {
  const given = ['resilience', '--rounds', '5', '--only', 'closed-breaker,idle-retry', '--json'];
  expect(readArguments(given, AREAS)).toEqual({
    area: 'resilience',
    rounds: 5,
    only: ['closed-breaker', 'idle-retry'],
    json: true,
  });
});

test.each([
  [[], 'No area was given, expected one of resilience'],
  [['weather'], "The area is 'weather', expected one of resilience"],
  [['resilience', 'pools'], "'pools' is too much"],
  [['resilience', '--only', 'closed-breaker,rain'], "--only has 'rain', expected some of closed-breaker, idle-retry"],
  [['resilience', '--rounds', '1.5'], "--rounds is '1.5', expected an integer from 1 to"],
  [['resilience', '--rounds', '0'], "--rounds is '0'"],
  [['resilience', '--fast'], "Unknown option '--fast'"],
])('%j is answered with what is wrong and how to ask', (given, reason) => {
  const answer = readArguments(given, AREAS);
  expect(answer).toContain(reason);
  expect(answer).toContain('usage: pnpm bench <area>');
});
