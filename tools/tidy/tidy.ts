/**
 * Owns the list of the rules and their run over one tree.
 * It must never know where the tree came from, nor who reads the faults.
 */
import { type Fault, sortFaults } from './fault.ts';
import { type Rule, readRepository } from './rule.ts';
import { adapterShapes } from './rules/adapters.ts';
import { bannedCalls } from './rules/calls.ts';
import { filesInOrder } from './rules/file-order.ts';
import { headers } from './rules/header.ts';
import { hovers } from './rules/hovers.ts';
import { importFloors } from './rules/imports.ts';
import { links } from './rules/links.ts';
import { machineTraces } from './rules/machine-traces.ts';
import { manifests } from './rules/manifests.ts';
import { sentences } from './rules/sentences.ts';
import { sizes } from './rules/sizes.ts';
import type { Tree } from './tree.ts';

const RULES: readonly Rule[] = [
  importFloors,
  filesInOrder,
  sizes,
  bannedCalls,
  headers,
  hovers,
  adapterShapes,
  manifests,
  machineTraces,
  links,
  sentences,
];

/** Every fault of every rule, in reading order. */
export function inspect(tree: Tree): readonly Fault[] {
  const repository = readRepository(tree);
  return sortFaults(RULES.flatMap((rule) => rule(repository)));
}
