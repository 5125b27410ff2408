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
import { type DriverUnderTest, missing } from './subject.ts';
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
 * @throws InvalidOptionsError
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
  check.type('runner.describe', runner.describe, 'function');
  check.type('runner.it', runner.it, 'function');
  check.type('name', subject.name, 'string');
  check.type('createDriver', subject.createDriver, 'function');
  check.type('use', subject.use, 'function');
  check.number('limitMs', subject.limitMs ?? 1, { above: 0, unit: 'ms' });
  check.throwIfFaulty();
}
