/**
 * Owns the cases of callers that never let the event loop turn.
 * It must never know a library.
 */
import type { Work } from '../call.ts';
import { defectCase, expectThat } from '../defect-case.ts';
import type { Breaker } from '../library.ts';
import { FAILURES, openUp } from '../steps.ts';
import type { World } from '../world.ts';

const QUICKEST = { failures: FAILURES, openForMs: 20 };
const LOOP_MS = 400;
const LIMIT = 10;

export const starvedProbe = defectCase({
  name: 'starved-probe',
  promise: 'Callers who retry without a pause do not keep the circuit from probing',
  time: 'real',
  needs: 'breaker',
  run: (make, world) =>
    starve(make(QUICKEST), world, async (call, isOver) => {
      while (!isOver()) await call().catch(() => {});
    }),
});

export const starvedProbeAtOnce = defectCase({
  name: 'starved-probe-at-once',
  promise: 'Nor do callers who come in one go, with a limit on calls inside of the circuit',
  time: 'real',
  needs: 'limitedBreaker',
  run: (make, world) =>
    starve(make({ ...QUICKEST, limit: LIMIT }), world, async (call, isOver) => {
      while (!isOver()) call().catch(() => {});
    }),
});

type Loop = (call: () => Promise<unknown>, isOver: () => boolean) => Promise<void>;

async function starve(breaker: Breaker, world: World, loop: Loop): Promise<void> {
  await openUp(breaker, world);
  let passed = 0;
  const work: Work = async () => {
    passed++;
  };
  const until = performance.now() + LOOP_MS;
  await loop(
    () => breaker.call(work),
    () => passed > 0 || performance.now() >= until,
  );
  expectThat(
    passed > 0,
    `all calls of ${LOOP_MS} ms were refused by a circuit that opens for ${QUICKEST.openForMs} ms`,
  );
}
