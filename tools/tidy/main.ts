/**
 * Owns `pnpm tidy`: checks the whole repository and prints one line per fault.
 * It must never know a rule.
 */
import { ROOT } from '../workspace/tool.ts';
import { deadExports } from './dead-exports.ts';
import { formatFault, sortFaults } from './fault.ts';
import { inspect } from './tidy.ts';
import { readTree } from './tree.ts';

const faults = sortFaults([...inspect(readTree(ROOT)), ...(await deadExports())]);
for (const fault of faults) process.stdout.write(`${formatFault(fault)}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
