/**
 * Owns the process in which one scenario runs upon a server of its own, both pools in turn; prints JSON.
 * It must never know how the result is shown. Arguments: the name of the scenario, the rounds.
 */
import { CALLERS, KEYS, SCENARIOS } from './scenario.ts';
import { type Ask, overReference, runSlice, takeSlices } from './slices.ts';
import type { ServerPool } from './subject.ts';

const SLICE = { callers: CALLERS, lengthMs: 200 } as const;
const WARM_UP = { callers: CALLERS, lengthMs: 1_000 } as const;

const [name, rounds] = process.argv.slice(2);
const scenario = SCENARIOS.find((candidate) => candidate.name === name);
if (scenario === undefined) throw new RangeError(`There is no scenario '${name}'`);
const { startServer, sql, values, ours, theirs } = scenario;

await using server = await startServer();
/** The driver's pool a second time: what a ratio is between two that are the same. */
const pools = {
  theirs: await theirs.start(server),
  cryo: await ours.start(server),
  [`${theirs.name} again`]: await theirs.start(server),
};
await fill(pools.theirs);
const asks = Object.fromEntries(Object.entries(pools).map(([pool, started]) => [pool, asking(started)]));
for (const ask of Object.values(asks)) await runSlice(ask, WARM_UP);
const slices = await takeSlices(asks, Number(rounds), SLICE);
await Promise.all(Object.values(pools).map((pool) => pool.close()));
process.stdout.write(JSON.stringify(overReference(slices, 'theirs')));

async function fill(pool: ServerPool): Promise<void> {
  await pool.query('create table item (id integer primary key, label varchar(40) not null)', []);
  const rows = Array.from({ length: KEYS }, (_, index) => `(${index + 1}, 'item ${index + 1}')`);
  await pool.query(`insert into item values ${rows.join(', ')}`, []);
}

function asking(pool: ServerPool): Ask {
  let turn = 0;
  return () => pool.query(sql, values(turn++));
}
