/**
 * Owns what every rule is given and what it answers.
 * It must never know a rule.
 */
import type { Fault } from './fault.ts';
import { parseSources, type Source } from './source.ts';
import type { Tree } from './tree.ts';

export interface Repository {
  readonly tree: Tree;
  readonly sources: readonly Source[];
}

/** Reads the repository and names every fault it finds; it changes nothing. */
export type Rule = (repository: Repository) => readonly Fault[];

export function readRepository(tree: Tree): Repository {
  return { tree, sources: parseSources(tree) };
}
