/**
 * Owns the one error that bad input becomes: a line for each fault, for a person to read.
 * It must never know where a line is shown.
 */
import type { OptionFault } from '@cryo/resilience';

/** Something the caller gave can't be used; nothing was opened. The process ends with exit code 2. */
export class BadInputError extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'BadInputError';
    this.lines = lines;
  }
}

/** A fault in the words of the command line: `--port is 70000, expected an integer from 0 to 65535`. */
export function describeFault(fault: OptionFault): string {
  const value = typeof fault.value === 'string' ? `'${fault.value}'` : String(fault.value);
  return `${fault.path} is ${value}, expected ${fault.expected}`;
}
