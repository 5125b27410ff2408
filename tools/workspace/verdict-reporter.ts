/**
 * Owns the count of a vitest run, told to the parent process: progress while it runs, the verdict at its end.
 * It must never know how failures are shown; anything that vitest reports as an error counts as a failure, tests or not.
 */
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';
import type { Skip, Verdict } from './verdict.ts';

export interface VerdictMessage {
  readonly kind: 'progress' | 'verdict';
  readonly verdict: Verdict;
}

// vitest loads a reporter by its default export.
export default class VerdictReporter implements Reporter {
  #settled = 0;
  #failed = 0;

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'failed') this.#failed += 1;
    else this.#settled += 1;
    process.send?.(message('progress', { passed: this.#settled, failed: this.#failed, skipped: [] }));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Promise<void> {
    const verdict = judge(modules, unhandled);
    return new Promise((sent) => {
      if (process.send === undefined) sent();
      else process.send(message('verdict', verdict), () => sent());
    });
  }
}

function message(kind: VerdictMessage['kind'], verdict: Verdict): VerdictMessage {
  return { kind, verdict };
}

function judge(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Verdict {
  let passed = 0;
  let failed = unhandled.length;
  const skipped: Skip[] = [];
  for (const module of modules) {
    failed += brokenParts(module);
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') passed += 1;
      else if (result.state === 'skipped')
        skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason: reasonOf(test) });
      else failed += 1;
    }
  }
  return { passed, failed, skipped };
}

/** Files that do not load and suites whose set-up or tear-down fails: errors that belong to no test. */
function brokenParts(module: TestModule): number {
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  return suites.length + (module.errors().length > 0 ? 1 : 0);
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return result.note;
  return test.options.mode === 'run' ? 'its suite could not be set up' : `marked ${test.options.mode} without a reason`;
}
