/**
 * Owns what a fault is and how one is printed: one line that says where, which rule, what is wrong and what to do.
 * It must never know how a fault is found.
 */

export interface Fault {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** One line, in the form that editors and terminals turn into a link. */
export function formatFault(fault: Fault): string {
  return `${fault.path}:${fault.line} ${fault.rule}: ${fault.message}`;
}

/** By path, then line, then rule, so that two runs over the same tree print the same text. */
export function sortFaults(faults: readonly Fault[]): readonly Fault[] {
  return faults.toSorted(
    (left, right) =>
      left.path.localeCompare(right.path) || left.line - right.line || left.rule.localeCompare(right.rule),
  );
}
