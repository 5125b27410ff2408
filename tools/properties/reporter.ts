/**
 * Owns what is printed of properties: a line for each with its cases, its time and its seed, and what a broken one says.
 * It must never know how they are run.
 */
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';
import type { Tried } from './tried.ts';

const WIDTHS = { cases: 11, seconds: 8, seed: 12 };

export interface Summary {
  readonly tried: number;
  readonly cases: number;
  readonly failed: number;
}

export class PropertyReporter implements Reporter {
  readonly #print: (line: string) => void;
  #tried = 0;
  #cases = 0;
  #failed = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get summary(): Summary {
    return { tried: this.#tried, cases: this.#cases, failed: this.#failed };
  }

  onTestRunStart(): void {
    this.#print(
      `${'cases'.padStart(WIDTHS.cases)}${'time'.padStart(WIDTHS.seconds)}${'seed'.padStart(WIDTHS.seed)}  property`,
    );
  }

  onTestCaseResult(test: TestCase): void {
    const { properties = [] } = test.meta();
    for (const tried of properties) this.#show(tried, `${test.module.relativeModuleId}: ${test.fullName}`);
    const result = test.result();
    if (result.state !== 'failed') return;
    this.#failed += 1;
    if (properties.length === 0) this.#print(`broken: ${test.module.relativeModuleId}: ${test.fullName}`);
    this.#explain(result.errors);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const module of modules) this.#explainFault(module.errors());
    this.#explainFault(unhandled);
  }

  #explainFault(errors: readonly SerializedError[]): void {
    if (errors.length === 0) return;
    this.#failed += 1;
    this.#explain(errors);
  }

  #show({ cases, seed, tookMs }: Tried, name: string): void {
    this.#tried += 1;
    this.#cases += cases;
    const seconds = `${(tookMs / 1_000).toFixed(1)} s`;
    const columns = [cases.toLocaleString('en').padStart(WIDTHS.cases), seconds.padStart(WIDTHS.seconds)];
    this.#print(`${columns.join('')}${String(seed).padStart(WIDTHS.seed)}  ${name}`);
  }

  #explain(errors: readonly SerializedError[]): void {
    for (const { message, cause } of errors) {
      this.#print(message);
      const reason = (cause as SerializedError | undefined)?.message;
      if (reason !== undefined) this.#print(`Cause: ${reason}`);
    }
  }
}
