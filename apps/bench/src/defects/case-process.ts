/**
 * Owns the process in which one case runs against one library, so that neither a hang nor a crash reaches another; prints JSON.
 * It must never know what the case is about. Arguments: the suite, the name of the case, the name of the library.
 */
import { isSuiteName, SUITES } from './suites.ts';
import { installVirtualWorld, noteAccidents, realWorld } from './world.ts';

const [suiteName = '', caseName = '', libraryName = ''] = process.argv.slice(2);
if (!isSuiteName(suiteName)) throw new RangeError(`There is no suite '${suiteName}'`);
const suite = SUITES[suiteName];
const tested = suite.cases.find(({ name }) => name === caseName);
if (tested === undefined) throw new RangeError(`There is no case '${caseName}'`);

noteAccidents();
/** Holds the process while nothing else does: the parent knows when it has been too long. */
setInterval(() => {}, 1_000);
const world = tested.time === 'virtual' ? installVirtualWorld() : realWorld;
try {
  const verdict = await suite.run(caseName, libraryName, world);
  process.stdout.write(JSON.stringify(verdict), () => process.exit());
} catch (error) {
  // It would be noted as an accident of the library's, and the process would stay.
  process.stderr.write(String(error), () => process.exit(1));
}
