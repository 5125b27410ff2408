/**
 * Owns one trial: a contender on the stage under load, one fault, and what came of it.
 * It must never know whether that is good.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Summary } from './client/summary.ts';
import type { ContenderKind, Database } from './contender.ts';
import { LIMITS } from './contender.ts';
import type { ChaosFault, Outcome } from './fault.ts';
import { Player } from './stage/player.ts';
import { CALLER } from './stage/side-door.ts';
import type { Scene, Stage } from './stage/stage.ts';

export interface Schedule {
  readonly workers: number;
  /** The whole of it, from the first caller to the last. */
  readonly windowMs: number;
  /** When the fault strikes. */
  readonly strikeAtMs: number;
  /** How long a fault lasts that is not over at once. */
  readonly outageMs: number;
}

/** What the budgets are written for. */
export const FULL_SCHEDULE: Schedule = { workers: 50, windowMs: 12_000, strikeAtMs: 2_000, outageMs: 3_000 };

/** 20 ms on the server and half a kilobyte of answer: enough to be interrupted, too little to be the load itself. */
const STATEMENTS: Readonly<Record<Database, { readonly read: string; readonly write: string }>> = {
  postgres: {
    read: `select pg_sleep(0.02), repeat('x', 500) as note`,
    write: `insert into written select 'x' from pg_sleep(0.02)`,
  },
  mariadb: {
    read: `select sleep(0.02), repeat('x', 500) as note`,
    write: `insert into written select 'x' where sleep(0.02) = 0`,
  },
};

/** A server that takes long to start again leaves the callers at least this much time. */
const LEAST_AFTERMATH_MS = 2_000;
/** An error so long after the end of the fault is none of the fault's. */
const AFTERMATH_MS = 1_500;
const LEAST_DIALS_MS = 1_000;
const COUNT_WITHIN_MS = 1_000;
const COUNT_EVERY_MS = 50;
/** Whoever hangs is waited for until its longest deadline. */
const STRAGGLER_MS = LIMITS.acquireMs + LIMITS.operationMs + 10_000;

/** Whatever happens, the process of the contender ends and the stage is as it was. */
export async function runTrial(
  stage: Stage,
  { kind, fault }: { readonly kind: ContenderKind; readonly fault: ChaosFault },
  schedule: Schedule,
): Promise<Outcome> {
  const player = new Player();
  const scene = await stage.scene(player);
  if (fault.name === 'demote') await scene.standby();
  try {
    const sql = STATEMENTS[stage.database][fault.callers ?? 'read'];
    await player.start({
      ...{ database: stage.database, contender: kind.name, port: scene.proxy.port, workers: schedule.workers },
      ...{ user: CALLER.user, password: CALLER.password, schema: stage.house.server.database },
      ...{ sql, writes: fault.callers === 'write' },
    });
    const summary = await play(scene, fault, schedule);
    return { ...summary, ...(await countConnections(stage, player)) };
  } finally {
    await player.end();
    await scene.proxy.remove();
    await stage.reset();
  }
}

async function play(scene: Scene, fault: ChaosFault, schedule: Schedule): Promise<Summary> {
  const startMs = Date.now();
  await pause(schedule.strikeAtMs);
  const struckMs = Date.now();
  await fault.strike(scene);
  if (fault.heal !== undefined) {
    await pause(struckMs + schedule.outageMs - Date.now());
    await fault.heal(scene);
  }
  const healedMs = Date.now();
  const dialsUntilMs = Math.max(healedMs, struckMs + LEAST_DIALS_MS);
  const outage = { struckMs, healedMs, dialsUntilMs, aftermathMs: fault.aftermathMs ?? AFTERMATH_MS };
  await pause(Math.max(startMs + schedule.windowMs, healedMs + LEAST_AFTERMATH_MS) - Date.now());
  const reply = await scene.player.ask({ ask: 'finish', ...outage }, STRAGGLER_MS);
  if (reply.kind !== 'summary') throw new Error(`asked for the summary, and told '${reply.kind}'`);
  return reply.summary;
}

/** The pool and the server agree within a second, or what they say then is the answer. */
async function countConnections(stage: Stage, player: Player): Promise<Pick<Outcome, 'live' | 'sessions'>> {
  const untilMs = Date.now() + COUNT_WITHIN_MS;
  for (;;) {
    const sessions = await stage.sessions();
    const reply = await player.ask({ ask: 'live' });
    const live = reply.kind === 'live' ? reply.live : undefined;
    if (live === sessions || Date.now() >= untilMs) return { live, sessions };
    await pause(COUNT_EVERY_MS);
  }
}
