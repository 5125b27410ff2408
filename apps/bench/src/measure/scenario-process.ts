/**
 * Owns the process in which one scenario runs, so that no scenario meets what the engine learned from another; prints JSON.
 * It must never know how the result is shown. Arguments: the name of the scenario, the rounds, the subjects.
 */
import { SCENARIOS } from '../resilience/scenarios.ts';
import { SUBJECTS } from '../resilience/subjects.ts';
import { measureScenario } from '../resilience/ways.ts';

const [name, rounds, names = ''] = process.argv.slice(2);
const scenario = SCENARIOS.find((candidate) => candidate.name === name);
if (scenario === undefined) throw new RangeError(`There is no scenario '${name}'`);
const chosen = Object.entries(SUBJECTS).filter(([subject]) => names.split(',').includes(subject));
const subjects = await Promise.all(chosen.map(([, make]) => make()));
/** Told to leave: some peers keep timers that would hold the process for as long as a breaker is open. */
process.stdout.write(JSON.stringify(await measureScenario(scenario, subjects, Number(rounds))), () => process.exit());
