/**
 * Owns the process in which one scenario runs with one group of pools; prints JSON.
 * It must never know how the result is shown. Arguments: the name of the scenario, the rounds, the pools.
 */
import { SCENARIOS } from './scenarios.ts';
import { SUBJECTS, type SubjectName } from './subjects.ts';

const [name, rounds, names = ''] = process.argv.slice(2);
const scenario = SCENARIOS.find((candidate) => candidate.name === name);
if (scenario === undefined) throw new RangeError(`There is no scenario '${name}'`);
const subjects = await Promise.all(names.split(',').map((subject) => SUBJECTS[subject as SubjectName]()));

/** Holds the process: some pools let it end while requests wait. */
setInterval(() => {}, 1_000);
/** Told to leave: pools keep timers that would hold the process. */
process.stdout.write(JSON.stringify(await scenario.measure(subjects, Number(rounds))), () => process.exit());
