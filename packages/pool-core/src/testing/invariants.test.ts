import { CryoError } from '@cryo/resilience';
import { describe, expect, test } from 'vitest';
import { stage } from '../../test/puppet.ts';
import { invariants } from './invariants.ts';

describe('the checks together', () => {
  test('there is one for each promise of the pool, each with a sentence', () => {
    expect(invariants.map(({ name }) => name)).toEqual(Array.from({ length: 12 }, (_, index) => `I${index + 1}`));
    for (const { sentence } of invariants) expect(sentence.length).toBeGreaterThan(20);
  });

  test('an honest day breaks none of them', async () => {
    const { dial, lend, ledger, pool, broken, clock } = stage();
    expect(broken()).toEqual([]);
    const connection = await dial();
    expect(broken()).toEqual([]);
    const lease = lend(connection);
    expect(broken()).toEqual([]);
    const waiter = ledger.asked({ timeoutMs: 50 });
    expect(broken()).toEqual([]);
    await clock.advance(50);
    ledger.refused(waiter, new CryoError('ACQUIRE_TIMEOUT', 'too late'));
    expect(broken()).toEqual([]);
    ledger.released(lease);
    pool.counts.leased--;
    pool.counts.idle++;
    expect(broken()).toEqual([]);
  });

  test('a violation says which promise broke, what was seen, and when', async () => {
    const { pool, watch, clock } = stage();
    await clock.advance(1_500);
    pool.lies = { live: 7 };
    const [, violation] = watch.judge();
    expect(violation?.message).toMatch(
      /^I5 broken at 1500 ms: live is 7, its parts \(0 \+ 0 .*\) are 0\. \(Every snapshot/,
    );
  });
});
