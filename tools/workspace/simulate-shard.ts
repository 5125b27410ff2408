/**
 * Owns one process of `pnpm simulate`: it runs the seeds that it is sent and answers what came of them.
 * It must never know how many others there are.
 */
import { simulate } from '@cryo/testkit';
import type { Share } from './simulate-shares.ts';

process.on('message', (share: Share) => {
  void simulate({ ...share, mostFailures: 1 }).then((report) => process.send?.(report));
});
