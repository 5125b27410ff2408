/**
 * Owns the way in: tests that import fast-check are given the stand-in for it.
 * It must never be there in a plain test run, which takes fast-check as it is.
 */
import { join } from 'node:path';

/** As much of a vite plugin as this one is. */
interface Plugin {
  readonly name: string;
  readonly enforce: 'pre';
  resolveId(specifier: string, importer: string | undefined): string | undefined;
}

const STAND_IN = join(import.meta.dirname, 'fast-check.ts');

export const standIn: Plugin = {
  name: 'cryo-properties',
  enforce: 'pre',
  resolveId(specifier, importer) {
    const isForTest = importer?.split('?')[0] !== STAND_IN;
    return specifier === 'fast-check' && isForTest ? STAND_IN : undefined;
  },
};
