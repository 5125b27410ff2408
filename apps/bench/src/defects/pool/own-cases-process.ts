/**
 * Owns the process in which our own pool runs through all cases that need no real time, one after another; prints JSON.
 * It must never know what a case is about. For the tests of the workspace, which are to be quick.
 */
import { installVirtualWorld, noteAccidents } from '../world.ts';
import { CASES } from './cases.ts';
import { LIBRARIES } from './libraries.ts';

noteAccidents();
setInterval(() => {}, 1_000);
const world = installVirtualWorld();
const subject = await LIBRARIES.cryo?.();
if (subject === undefined) throw new RangeError('There is no pool of our own');
const verdicts: Record<string, unknown> = {};
for (const { name, time, run } of CASES) {
  if (time === 'virtual') verdicts[name] = await run(subject, world);
}
process.stdout.write(JSON.stringify(verdicts), () => process.exit());
