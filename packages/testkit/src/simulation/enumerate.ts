/**
 * Owns the enumeration: every order in which a few things can happen to a small pool, up to a depth.
 * It must never draw anything.
 */
import { createPool } from '@cryo/pool-core';
import { OptionCheck } from '@cryo/resilience';
import { forgoStackTraces, hearUnhandledRejections } from '../platform.ts';
import { ALPHABETS, type AlphabetName, type Letter, smallSetup } from './alphabet.ts';
import { Callers } from './callers.ts';
import { endNow, endWell } from './ending.ts';
import { type PoolMaker, World } from './world.ts';

/** What to enumerate. */
export interface EnumerationOptions {
  /** How many things happen in one day, 1 to 8. */
  readonly depth: number;
  /** Which things can happen. Default `'full'`. */
  readonly alphabet?: AlphabetName;
  /** How many connections the pool may have. Default 2. */
  readonly max?: number;
  /** What makes the pool under test. Default: `createPool` of `@cryo/pool-core`. */
  readonly createPool?: PoolMaker;
  /** Stops after this many failures. Default 10. */
  readonly mostFailures?: number;
}

/** A small day on which a promise was broken. */
export interface EnumerationFailure {
  /** What happened, in order. */
  readonly day: readonly string[];
  /** `I1` to `I12`. */
  readonly invariant: string;
  /** Which promise, what was seen, and when. */
  readonly message: string;
}

/** What came of an enumeration. */
export interface EnumerationReport {
  /** Days of which each thing could happen when its turn came. */
  readonly days: number;
  /** How many of them came to an end that no day before had come to, and went on until everything had healed and closed. */
  readonly ends: number;
  /** Days on which a promise was broken. */
  readonly failures: readonly EnumerationFailure[];
}

/** How one day went. `at`: the place of the last thing that happened, or could not; what follows it makes no difference. */
type Day =
  | { readonly kind: 'whole' | 'impossible'; readonly at: number }
  | { readonly kind: 'broken'; readonly at: number; readonly failure: EnumerationFailure };

/**
 * Tries every order of `depth` things that can happen to a pool of at most two: what a random simulation finds rarely and a
 * small pool shows at once. A thing that would change nothing is left out: the day without it is another one of these. The
 * promises are held against every step; the end, with everything healed and the pool closed, is tried once for all days of
 * which the pool, the server and the callers look the same at that time.
 *
 * @throws InvalidOptionsError
 */
export async function enumerate(options: EnumerationOptions): Promise<EnumerationReport> {
  const { depth, max = 2, alphabet = 'full', mostFailures = 10 } = options;
  const check = new OptionCheck('enumerate');
  check.number('depth', depth, { min: 1, max: 8, integer: true, unit: 'things' });
  check.number('max', max, { min: 1, max: 2, integer: true, unit: 'connections' });
  check.throwIfFaulty();
  const failures: EnumerationFailure[] = [];
  const ends = new Set<string>();
  const places = new Array<number>(depth).fill(0);
  const letters = ALPHABETS[alphabet];
  const allowStackTraces = forgoStackTraces();
  let days = 0;
  try {
    for (let turned = depth; turned > 0 && failures.length < mostFailures; ) {
      const world = newWorld(options, alphabet, max);
      const day = await live(
        world,
        places.map((place) => letters[place] as Letter),
        ends,
      );
      if (day.kind !== 'impossible') days++;
      if (day.kind === 'broken') failures.push(day.failure);
      turned = turn(places, day.at, letters.length);
    }
  } finally {
    allowStackTraces();
  }
  return { days, ends: ends.size, failures };
}

/** The next day that differs at `at` or before. Answers how many places it has left as they were, and one; 0 after the last. */
function turn(places: number[], at: number, letters: number): number {
  places.fill(0, at + 1);
  for (let place = at; place >= 0; place--) {
    const next = (places[place] ?? 0) + 1;
    places[place] = next % letters;
    if (next < letters) return place + 1;
  }
  return 0;
}

function newWorld({ createPool: maker = createPool }: EnumerationOptions, alphabet: AlphabetName, max: number): World {
  return new World({ seed: 1, createPool: maker, trace: 'drop', setup: smallSetup(alphabet, max) });
}

async function live(world: World, day: readonly Letter[], ends: Set<string>): Promise<Day> {
  const unhear = hearUnhandledRejections((reason) => world.ledger.escaped('an unhandled rejection', reason));
  let at = -1;
  try {
    const callers = new Callers(world);
    for (const { can, happen } of day) {
      at++;
      if (!can(world, callers)) return { kind: 'impossible', at };
      await (happen(world, callers) ?? world.judge());
      if (world.violation !== undefined) break;
    }
    if (world.violation === undefined) await end(world, callers, ends);
  } catch (error) {
    world.broken('I7', `an error came out of a timer of the pool: ${String(error)}`);
  } finally {
    unhear();
  }
  if (world.violation === undefined) return { kind: 'whole', at };
  const { invariant, message } = world.violation;
  const names = day.slice(0, at + 1).map(({ name }) => name);
  return { kind: 'broken', at, failure: { day: names, invariant, message } };
}

async function end(world: World, callers: Callers, ends: Set<string>): Promise<void> {
  const { pool, simulated } = world;
  const hanging = (['open', 'check', 'reset'] as const).map((kind) => simulated.server.hanging(kind));
  const sight = JSON.stringify([pool.snapshot(), hanging, callers.held.length, simulated.truth.held.size, world.end]);
  if (ends.has(sight)) return;
  ends.add(sight);
  await (world.end === 'to-come' ? endWell(world, callers) : endNow(world, callers));
}
