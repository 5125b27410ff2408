/**
 * Owns how p-retry is set up to be measured.
 * It must never know how the others are.
 */
import { loadPRetry } from '../../peers/p-retry.ts';
import type { Subject } from '../subject.ts';

export async function pRetry(): Promise<Subject> {
  const run = await loadPRetry();
  const options = { retries: 3 };
  return { name: 'p-retry', retry: (work) => () => run(work, options) };
}
