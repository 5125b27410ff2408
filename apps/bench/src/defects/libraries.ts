/**
 * Owns the list of the libraries that the cases run against, in the order in which a table shows them.
 * It must never know what a library can do.
 */
import { cockatiel } from './libraries/cockatiel.ts';
import { cryo } from './libraries/cryo.ts';
import { mollitia } from './libraries/mollitia.ts';
import { opossum } from './libraries/opossum.ts';
import { pRetry } from './libraries/p-retry.ts';
import type { Library } from './library.ts';

export const LIBRARIES: Readonly<Record<string, () => Promise<Library>>> = {
  cryo,
  cockatiel,
  opossum,
  mollitia,
  'p-retry': pRetry,
};
