/**
 * Owns the end of a run: the server heals, everything settles, every slot must be there, and the pool closes clean.
 * It must never know what happened before.
 */
import type { CloseReport } from '@cryo/pool-core';
import { auditBooks } from './books.ts';
import type { Callers } from './callers.ts';
import { LONGEST_WORK_MS } from './work.ts';
import type { World } from './world.ts';

/** A probe may be put off this long beyond what the settings say, in ms. */
const SPARE_MS = 8_000;
/** A call to a slow server that ignores its signal is out for so long, in ms; meanwhile it can hold back dials: see I1. */
const SLOWEST_CALL_MS = 60_000;
/** Whoever was shed asks again after so long at most, in ms: parts of a pool may break at any try, so there have to be many. */
const LONGEST_PAUSE_MS = 256;
const CLOSE_WITHIN_MS = [1, 200, 5_000] as const;

/** Ends a run whose server recovers: nobody may be left waiting, and `max` leases must be there to be had. */
export async function endWell(world: World, callers: Callers): Promise<void> {
  world.say(() => 'everything heals');
  world.phase = 'healing';
  const { server } = world.simulated;
  server.become({ kind: 'healthy' });
  server.behaviour = {};
  server.unscript();
  world.attempt('the capacity', () => world.capacity.allow(Number.POSITIVE_INFINITY));
  server.answerHung(() => 'fail');
  await world.pass(0);
  world.pool.resume();
  callers.goHome();
  await recover(world);
  if (world.pool.snapshot().abandoned > 0) {
    await passUntil(world, () => world.pool.snapshot().abandoned === 0, SLOWEST_CALL_MS);
    await recover(world);
  }
  if (world.ledger.waiting.size > 0)
    world.broken('I2', `${world.ledger.waiting.size} requests wait at a healthy server`);
  await takeEverything(world, callers);
  await endNow(world, callers);
}

/** As long as it may take, or until all is well and nothing is under way; then some dozens of looks of the pool more. */
async function recover(world: World): Promise<void> {
  // Those who wait may be served one after the other, each once the work before is done.
  const servedMs = world.ledger.waiting.size * LONGEST_WORK_MS;
  await passUntil(world, () => isWell(world), longestRecoveryMs(world) + servedMs);
  await world.pass(world.setup.longestJumpMs);
}

function isWell({ pool, simulated, ledger }: World): boolean {
  const { live, size, breaker, abandoned } = pool.snapshot();
  const isClosed = breaker.state === 'closed' || breaker.state === 'off';
  const isAtRest = ledger.waiting.size === 0 && ledger.held.size === 0 && simulated.truth.running.size === 0;
  return isClosed && isAtRest && abandoned === 0 && live >= size.min;
}

/** Ends a run as it stands: the server may be down, leases may be held, requests may wait. */
export async function endNow(world: World, callers: Callers): Promise<void> {
  beginClose(world);
  await world.judge();
  if (world.random.chance(0.5)) callers.goHome();
  await passUntil(world, () => world.pool.snapshot().state === 'closed', 5_000 + longestEndMs(world));
  await world.pass(SPARE_MS);
  callers.goHome();
  world.simulated.server.answerHung(() => 'succeed');
  await world.pass(0);
  if (world.closesUnanswered > 0) world.broken('I9', 'a second close() was not answered');
  if (world.capacity.isJoined) world.broken('I9', 'the closed pool still takes part in the shared capacity');
  const left = callers.leftovers();
  if (left !== undefined) world.broken('I9', left);
  const wrong = auditBooks(world);
  if (wrong !== undefined) world.broken('I5', wrong);
}

/** Asks the pool to close, once. */
export function beginClose(world: World): void {
  if (world.end === 'begun') return;
  world.end = 'begun';
  world.phase = 'acting';
  const { pool, watch, ledger, random } = world;
  const timeoutMs = random.pick(CLOSE_WITHIN_MS);
  world.say(() => `close within ${timeoutMs} ms`);
  const answered = watch.closing(timeoutMs + longestEndMs(world));
  const closed = ({ drained, culprits }: CloseReport): void => {
    answered();
    if (drained !== (culprits.length === 0))
      ledger.escaped('close answered', `${drained}, ${culprits.length} culprits`);
  };
  world.attempt('close', () => {
    pool.close({ timeoutMs }).then(closed, (error) => ledger.escaped('close was rejected', error));
  });
}

/** Asks a pool to close that was asked already. */
export function closeAgain(world: World): void {
  if (world.end === 'to-come') return;
  world.say(() => 'close again');
  world.closesUnanswered++;
  const answered = (): void => {
    world.closesUnanswered--;
  };
  world.attempt('close', () => {
    world.pool.close({ timeoutMs: 1 }).then(answered, (error) => world.ledger.escaped('close was rejected', error));
  });
}

/** Asks for one lease after the other, as many as there are slots, and gives none back. */
async function takeEverything(world: World, callers: Callers): Promise<void> {
  const { max } = world.pool.snapshot().size;
  callers.manners = 'keep';
  const before = world.ledger.grantedCount;
  for (let taken = 0; taken < max && world.violation === undefined; taken++) {
    await takeOne(world, callers);
    const granted = world.ledger.grantedCount - before;
    const bound = Math.min(max, world.pool.snapshot().size.max);
    if (granted <= taken && taken < bound) world.broken('I8', `only ${granted} of ${max} leases could be had`);
  }
  callers.goHome();
  await world.judge();
}

/** Asks for one lease; in a pool that sheds again and again, since it may shed sooner than it finds that a dial is needed. */
async function takeOne(world: World, callers: Callers): Promise<void> {
  const { ledger, clock, setup } = world;
  const untilMs = clock.now() + longestRecoveryMs(world);
  const before = ledger.grantedCount;
  const sheds = setup.settings.shedding !== undefined;
  for (let pauseMs = 1; ledger.grantedCount === before && world.violation === undefined; ) {
    callers.acquire({ timeoutMs: Number.POSITIVE_INFINITY });
    await passUntil(world, () => ledger.waiting.size === 0, untilMs - clock.now());
    if (!sheds || clock.now() + pauseMs > untilMs) return;
    if (ledger.grantedCount === before) await world.pass(pauseMs);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Lets time pass in growing pieces until something is so, or the limit is reached. */
async function passUntil(world: World, isSo: () => boolean, limitMs: number): Promise<void> {
  const untilMs = world.clock.now() + limitMs;
  for (let pieceMs = 1; world.clock.now() < untilMs && world.violation === undefined; pieceMs *= 2) {
    await world.pass(Math.min(pieceMs, untilMs - world.clock.now()));
    if (isSo()) return;
  }
}

/** A call that hangs is given up on, then the next retry or probe is due, and several may be needed. */
function longestRecoveryMs(world: World): number {
  const { connect, breaker } = world.setup.settings;
  const probeMs = typeof breaker === 'object' ? (breaker.openForMs ?? 0) : 0;
  return 2 * Math.max(probeMs, connect?.maxDelayMs ?? 0) + longestEndMs(world) + SPARE_MS;
}

/** Every call that may be under way has its timeout and one more second; then comes the close, with the same. */
function longestEndMs({ setup }: World): number {
  const { connect, validation, reset, closing } = setup.settings;
  const calls = [connect, validation, reset].map((group) => group?.timeoutMs ?? 0);
  return Math.max(...calls) + (closing?.timeoutMs ?? 0) + 2_100;
}
