/**
 * Owns the list of the subjects of resilience, in the order in which a table shows them.
 * It must never know what a subject can do.
 */
import type { Subject } from './subject.ts';
import { bare } from './subjects/bare.ts';
import { cockatiel } from './subjects/cockatiel.ts';
import { cryo } from './subjects/cryo.ts';
import { mollitia } from './subjects/mollitia.ts';
import { opossum } from './subjects/opossum.ts';
import { pRetry } from './subjects/p-retry.ts';

export const SUBJECTS: Readonly<Record<string, () => Subject | Promise<Subject>>> = {
  bare,
  cryo,
  cockatiel,
  opossum,
  mollitia,
  'p-retry': pRetry,
};
