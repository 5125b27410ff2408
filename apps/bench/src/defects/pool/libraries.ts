/**
 * Owns the list of the pools that the cases run against, in the order in which a table shows them.
 * It must never know what a pool can do.
 */
import type { Subject } from '../../pool/subject.ts';
import { SUBJECTS } from '../../pool/subjects.ts';

const { bare: _reference, ...pools } = SUBJECTS;

export const LIBRARIES: Readonly<Record<string, () => Promise<Subject>>> = pools;
