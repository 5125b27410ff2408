import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, rejectionOf } from '../test/rig.ts';

const SECRET = 'hunter2-hunter2';
let rig: Rig;
afterEach(async () => {
  const closed = rig.pool.close();
  await rig.clock.advance(60_000);
  await closed;
});

/** Everything that a pool showed, as a person would see it printed. */
function watchEverything(): string[] {
  const seen: string[] = [];
  const names = ['dial-failed', 'connection-error', 'check-failed', 'breaker-changed', 'listener-failed'] as const;
  for (const name of names) rig.pool.on(name, (event) => seen.push(inspect(event, { depth: 10 })));
  return seen;
}

function leaky(message: string): Error {
  return new Error(`${message}: postgres://app:${SECRET}@db/orders`, { cause: { password: SECRET } });
}

describe('a secret of the driver', () => {
  it('is in no event, no refusal and no log line, whoever put it into an error', async () => {
    const lines: string[] = [];
    const write = (entry: object, message: string) => void lines.push(inspect(entry, { depth: 10 }), message);
    const plan = () => {
      throw leaky('sizer');
    };
    const sizer = { name: 'leaky', start: () => ({ plan, rebase: () => {} }) };
    const logger = { info: write, warn: write };
    rig = createRig({ size: { min: 1, max: 2, sizer }, logger, breaker: { threshold: 1 } });
    rig.driver.secrets = () => [SECRET];
    const seen = watchEverything();
    await rig.clock.advance(5);
    rig.pool.on('lease-granted', () => {
      throw leaky('listener');
    });
    rig.server.script('check', { kind: 'fail', error: leaky('check') });
    rig.server.script('open', { kind: 'fail', error: leaky('dial') }, { kind: 'fail', error: leaky('dial') });
    await rig.clock.advance(1_000);
    const refused = rejectionOf(rig.pool.acquire());
    const aborted = rejectionOf(rig.pool.acquire({ signal: AbortSignal.abort(leaky('abort')) }));
    await rig.clock.advance(20);
    const errors = [await refused, await aborted];
    await rig.clock.advance(5_000);
    rig.pool.tryAcquire()?.release();
    const work = rig.pool.use(() => Promise.reject(leaky('work'))).catch(() => {});
    await rig.clock.advance(10);
    await work;
    const everything = [...seen, ...lines, ...errors.map((error) => inspect(error, { depth: 10 }))].join('\n');
    expect(everything).toContain('dial');
    expect(everything).toContain('check');
    expect(everything).toContain('abort');
    expect(everything).toContain('listener');
    expect(everything).toContain('sizer');
    expect(everything).not.toContain(SECRET);
  });

  it("stays in the error that the work itself threw: that one is the caller's", async () => {
    rig = createRig({ size: { min: 1, max: 1 } });
    rig.driver.secrets = () => [SECRET];
    await rig.clock.advance(5);
    const mine = leaky('mine');
    expect(await rejectionOf(rig.pool.use(() => Promise.reject(mine)))).toBe(mine);
  });
});
