/**
 * Owns how a planted bug is written down: in one line, or as few as it needs.
 * It must never know any bug.
 */
export type MutationRow = readonly [
  name: string,
  breaks: string,
  file: string,
  find: string,
  replace: string,
  test?: string,
];
