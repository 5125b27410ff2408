/**
 * Owns the case of many requests that time out together.
 * It must never know a library.
 */

import { READY_SERVER } from '../../../pool/server.ts';
import type { Pool, Subject } from '../../../pool/subject.ts';
import { expectThat } from '../../defect-case.ts';
import { poolCase } from '../pool-case.ts';

const [FEW, MANY] = [500, 20_000];
const TIMEOUT_MS = 300;
const TOLERATED = 5;

export const timeoutCost = poolCase({
  name: 'timeout-cost',
  promise: 'A request that times out costs the same whether five hundred or twenty thousand wait with it',
  time: 'real',
  needs: ['hasAcquireTimeout'],
  async run(_stage, subject) {
    for (let warmUp = 0; warmUp < 3; warmUp++) await costMs(subject, FEW);
    const few = Math.min(await costMs(subject, FEW), await costMs(subject, FEW), await costMs(subject, FEW));
    const many = Math.min(await costMs(subject, MANY), await costMs(subject, MANY));
    expectThat(many <= few * TOLERATED, `it costs ${Math.round(many / few)} times as much`);
  },
});

/** What the process needs per request, from the end of the asking on. */
async function costMs(subject: Subject, requests: number): Promise<number> {
  const pool: Pool = subject.start({ server: READY_SERVER, max: 1, acquireTimeoutMs: TIMEOUT_MS });
  await pool.acquire();
  const asked = Array.from({ length: requests }, () => pool.acquire().catch(() => {}));
  const before = process.cpuUsage();
  await Promise.all(asked);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / requests;
}
