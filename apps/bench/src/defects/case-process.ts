/**
 * Owns the process in which one case runs against one library, so that neither a hang nor a crash reaches another; prints JSON.
 * It must never know what the case is about. Arguments: the name of the case, the name of the library.
 */
import { CASES } from './cases.ts';
import { LIBRARIES } from './libraries.ts';
import { installVirtualWorld, realWorld } from './world.ts';

const [caseName, libraryName = ''] = process.argv.slice(2);
const tested = CASES.find(({ name }) => name === caseName);
const load = LIBRARIES[libraryName];
if (tested === undefined || load === undefined) throw new RangeError(`No case '${caseName}' against '${libraryName}'`);

/** A library may leave rejections unhandled; whether that matters is for a case to say. */
process.on('unhandledRejection', () => {});

/** Holds the process while nothing else does: the parent knows when it has been too long. */
setInterval(() => {}, 1_000);
const world = tested.time === 'virtual' ? installVirtualWorld() : realWorld;
const verdict = await tested.run(await load(), world);
process.stdout.write(JSON.stringify(verdict), () => process.exit());
