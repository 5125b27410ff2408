/**
 * Owns the suite: every case, told to a test runner in the words of that runner.
 * It must never know what a case asks for.
 */
import { OptionCheck } from '@cryo/resilience';
import type { ConformanceCase } from './case.ts';
import { checkCases } from './check-cases.ts';
import { endCases } from './end-cases.ts';
import { errorCases } from './error-cases.ts';
import { openCases } from './open-cases.ts';
import { poolCases } from './pool-cases.ts';
import { resetCases } from './reset-cases.ts';
import { leaveOut, type TestRunner } from './runner.ts';
import { type DriverUnderTest, HANDS, missing } from './subject.ts';
import { Trial } from './trial.ts';

/** The cases, in the order in which they run. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...openCases,
  ...checkCases,
  ...endCases,
  ...resetCases,
  ...errorCases,
  ...poolCases,
];

/**
 * Holds a driver against its contract: one test per promise, on a server of yours that is up and that the test may hurt.
 * Call it where tests are declared.
 *
 * @param runner `{ describe, it }` of vitest, node:test, bun:test, or of anything that has both
 * @throws InvalidOptionsError listing every hand that is none
 */
export function driverConformance<Connection>(runner: TestRunner, subject: DriverUnderTest<Connection>): void {
  checkSubject(runner, subject);
  runner.describe(`the driver for ${subject.name}`, () => {
    for (const one of conformanceCases) {
      runner.it(one.sentence, async (...given) => {
        const driver = subject.createDriver();
        const reason = missing(subject, driver, one.needs ?? []);
        if (reason !== undefined) return leaveOut(given, reason);
        await new Trial(subject, driver).run((trial) => one.run(trial));
      });
    }
  });
}

function checkSubject<Connection>(runner: TestRunner, subject: DriverUnderTest<Connection>): void {
  const check = new OptionCheck('driverConformance');
  for (const part of ['describe', 'it']) check.type(`runner.${part}`, OptionCheck.read(runner, part), 'function');
  if (check.type('subject', subject, 'object')) checkHands(check, subject);
  check.throwIfFaulty();
}

function checkHands<Connection>(check: OptionCheck, subject: DriverUnderTest<Connection>): void {
  check.unknownKeys('', subject, ['name', 'createDriver', 'use', ...HANDS, 'without', 'limitMs']);
  const { name, createDriver, use, limitMs = 1, stains, secrets, without } = subject;
  check.type('name', name, 'string');
  check.type('createDriver', createDriver, 'function');
  check.type('use', use, 'function');
  for (const hand of HANDS)
    if (hand !== 'stains' && hand !== 'secrets' && subject[hand] !== undefined)
      check.type(hand, subject[hand], 'function');
  check.number('limitMs', limitMs, { above: 0, unit: 'ms' });
  if (secrets !== undefined && !Array.isArray(secrets)) check.fault('secrets', secrets, 'a list of texts');
  if (without !== undefined) check.type('without', without, 'object');
  if (stains === undefined || !check.type('stains', stains, 'object')) return;
  for (const [kind, stain] of Object.entries(stains))
    for (const part of ['leave', 'inspect'])
      check.type(`stains.${kind}.${part}`, OptionCheck.read(stain, part), 'function');
}
