/**
 * Owns what a comparison with the peers needs before it starts: our packages built, theirs installed.
 * It must never know what is compared.
 */
import { installPeers } from '../peers/install.ts';
import { compileOrExplain } from './compile.ts';
import { startProgress } from './progress.ts';

/** Prints the reason and sets exit code 1 when it cannot be had. */
export async function prepareComparison(): Promise<boolean> {
  if (!(await compileOrExplain(startProgress('building')))) return false;
  const progress = startProgress('installing the peers');
  const fault = await installPeers();
  progress.finish('erase');
  if (fault === undefined) return true;
  process.stderr.write(`${fault}\n`);
  process.exitCode = 1;
  return false;
}
