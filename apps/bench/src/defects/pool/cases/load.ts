/**
 * Owns the cases of load that comes at once, and of load that stays.
 * It must never know a library.
 */
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';
import type { Stage } from '../stage.ts';

const WARM = 5;
const SPIKE = { requests: 50, holdMs: 2, dialMs: 150, toleratedDials: 2, toleratedMs: 30 };
const RAMP = { max: 50, callers: 50, each: 10, holdMs: 100, dialMs: 20, dialsAtOnce: 10, toleratedMs: 1_200 };

export const spikeDials = poolCase({
  name: 'spike-dials',
  promise: 'A spike that the warm connections serve in 20 ms opens two further ones at most, where a dial takes 150 ms',
  async run(stage) {
    const { dials } = await runSpike(stage);
    expectThat(dials <= SPIKE.toleratedDials, `it opened ${dials}`);
  },
});

export const spikeWaits = poolCase({
  name: 'spike-waits',
  promise: 'Nobody waits for a dial in a spike that the warm connections serve in 20 ms',
  async run(stage) {
    const { elapsedMs } = await runSpike(stage);
    expectThat(elapsedMs <= SPIKE.toleratedMs, `the last was served after ${Math.round(elapsedMs)} ms`);
  },
});

export const rampTime = poolCase({
  name: 'ramp-time',
  promise: 'From nothing to 50 callers, connections are opened beside each other, not one after another',
  async run(stage) {
    const { elapsedMs } = await runRamp(stage);
    expectThat(elapsedMs <= RAMP.toleratedMs, `what could take 1000 ms took ${Math.round(elapsedMs)} ms`);
  },
});

export const rampDials = poolCase({
  name: 'ramp-dials',
  promise: 'From nothing to 50 callers, the server is not dialed for all of them at the same moment',
  async run(stage) {
    await runRamp(stage);
    const { dialPeak } = stage.server;
    expectThat(dialPeak <= RAMP.dialsAtOnce, `${dialPeak} dials at the same moment`);
  },
});

async function runSpike(stage: Stage): Promise<{ readonly dials: number; readonly elapsedMs: number }> {
  const { requests, holdMs, dialMs } = SPIKE;
  stage.server.answerDial = () => stage.wait(dialMs);
  const pool = stage.start({ max: 20, min: WARM });
  const warm = await stage.take(pool, WARM);
  for (const holder of warm) holder.release();
  await stage.pass(1);
  const again = async (): Promise<void> => {
    for (let request = 0; request < 10; request++) await stage.hold(pool, holdMs);
  };
  await finish(stage, warm.map(again), 1_000);
  const before = stage.server.dials;
  const spike = Array.from({ length: requests }, () => stage.hold(pool, holdMs));
  const elapsedMs = await finish(stage, spike, 1_000);
  return { dials: stage.server.dials - before, elapsedMs };
}

async function runRamp(stage: Stage): Promise<{ readonly elapsedMs: number }> {
  const { max, callers, each, holdMs, dialMs, dialsAtOnce } = RAMP;
  stage.server.answerDial = () => stage.wait(dialMs);
  const pool = stage.start({ max, dialsAtOnce });
  let left = callers * each;
  const call = async (): Promise<void> => {
    while (left-- > 0) await stage.hold(pool, holdMs);
  };
  const elapsedMs = await finish(stage, Array.from({ length: callers }, call), 60_000);
  return { elapsedMs };
}

/** When the last of them ended, in the time of the stage. */
async function finish(stage: Stage, work: readonly Promise<void>[], withinMs: number): Promise<number> {
  const startedAt = performance.now();
  let endedAt = Number.POSITIVE_INFINITY;
  Promise.all(work).then(() => {
    endedAt = performance.now();
  });
  await stage.pass(withinMs);
  return endedAt - startedAt;
}
