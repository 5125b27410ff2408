/**
 * Owns the rounds: short slices of every contender in turn, the order rotated each time, so that none always pays for another.
 * It must never know what a contender does.
 */

/** Something to be timed: does its operation so many times. */
export interface Contender {
  readonly name: string;
  slice(times: number): Promise<unknown> | unknown;
}

export interface RoundOptions {
  readonly rounds: number;
  /** In ms. */
  readonly now: () => number;
  /** A turn of the event loop between slices, so that timers of one contender do not wait for ever. */
  readonly turn: () => Promise<void>;
  /** How long each contender runs before the first round, in ms. */
  readonly warmUpMs: number;
}

/**
 * In how many processes a time of few operations is taken: what an engine puts together depends on what it happened to compile first, so
 * two processes of the same code differ by up to 7 % for as long as they live. More rounds in one of them only measure that one better.
 */
export const PROCESSES = 5;

/** A slice aims at the middle of the 2 to 4 ms in which a scheduler seldom interferes. */
const SLICE_MS = 3;
const MOST_GROWTH = 4;

/** What an operation of each contender took in each round, in ms. */
export async function measureRounds(
  contenders: readonly Contender[],
  options: RoundOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<Contender, number>();
  for (const contender of contenders) times.set(contender, await warmUp(contender, options));
  const costs = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of rotated(contenders, round)) {
      const planned = times.get(contender) as number;
      const elapsedMs = await timeSlice(contender, planned, options);
      costs.get(contender.name)?.push(elapsedMs / planned);
      times.set(contender, nextTimes(planned, elapsedMs));
    }
  }
  return costs;
}

/** The list begun at another place: each element is first as often as any other. */
export function rotated<Element>(list: readonly Element[], round: number): readonly Element[] {
  const start = list.length === 0 ? 0 : round % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** How often to do the operation next time, so that a slice takes about as long as it should. */
export function nextTimes(times: number, elapsedMs: number): number {
  const factor = elapsedMs > 0 ? SLICE_MS / elapsedMs : MOST_GROWTH;
  return Math.max(1, Math.round(times * Math.min(MOST_GROWTH, Math.max(1 / MOST_GROWTH, factor))));
}

async function warmUp(contender: Contender, options: RoundOptions): Promise<number> {
  const until = options.now() + options.warmUpMs;
  let times = 1;
  do times = nextTimes(times, await timeSlice(contender, times, options));
  while (options.now() < until);
  return times;
}

async function timeSlice(contender: Contender, times: number, { now, turn }: RoundOptions): Promise<number> {
  await turn();
  const startedAt = now();
  const running = contender.slice(times);
  if (running instanceof Promise) await running;
  return now() - startedAt;
}
