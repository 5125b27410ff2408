import { describe, expect, test } from 'vitest';
import { stage } from '../../test/puppet.ts';

describe('I3, in order', () => {
  test('breaks when a request is granted while an older one waits', async () => {
    const { dial, lend, ledger, broken } = stage();
    const connection = await dial();
    ledger.asked({ timeoutMs: 1_000 });
    lend(connection);
    expect(broken()).toEqual(['I3']);
  });

  test('breaks when the older one is granted later in the same step', async () => {
    const { dial, lend, ledger, clock, broken } = stage();
    const [one, other] = [await dial(), await dial()];
    const older = ledger.asked({ timeoutMs: 1_000 });
    lend(one);
    await clock.advance(1);
    lend(other, older);
    expect(broken()).toEqual(['I3']);
  });

  test('lets a class overtake a lower one, and takes the discipline as it is given', async () => {
    const classes = stage();
    classes.ledger.asked({ timeoutMs: 1_000, priority: -1 });
    classes.lend(await classes.dial());
    expect(classes.broken()).toEqual([]);
    const anyOrder = stage({}, { discipline: { name: 'any order', mayOvertake: () => true } });
    anyOrder.ledger.asked({ timeoutMs: 1_000 });
    anyOrder.lend(await anyOrder.dial());
    expect(anyOrder.broken()).toEqual([]);
  });
});

describe('I3, while the pool is suspended', () => {
  test('breaks when anything is lent before it goes on', async () => {
    const { dial, lend, clock, pool, broken } = stage();
    const [one, other] = [await dial(), await dial()];
    pool.events.emit('suspended', { waiting: 0 });
    await clock.advance(1);
    lend(one);
    expect(broken()).toEqual(['I3']);
    pool.events.emit('resumed', { waiting: 0 });
    lend(other);
    expect(broken()).toEqual([]);
  });
});

describe('I3, between classes', () => {
  test('breaks when a lower class goes before a higher one that waits, and has not been passed over', async () => {
    const { dial, lend, ledger, broken } = stage();
    ledger.asked({ timeoutMs: 1_000, priority: 1 });
    lend(await dial());
    expect(broken()).toEqual(['I3']);
  });

  /** Leases to the high class, one after the other, while a low request waits. */
  async function passOver(times: number) {
    const staged = stage();
    const connection = await staged.dial();
    const low = staged.ledger.asked({ timeoutMs: 10_000, priority: -1 });
    const seen: string[] = [];
    for (let index = 0; index < times; index++) {
      await staged.clock.advance(1);
      const high = staged.ledger.asked({ timeoutMs: 100, priority: 1 });
      const lease = staged.lend(connection, high);
      seen.push(...staged.broken());
      staged.ledger.released(lease);
      staged.pool.counts.leased--;
      staged.pool.counts.idle++;
    }
    return { ...staged, connection, low, seen };
  }

  test('breaks when a class that waits is passed over 18 times', async () => {
    expect((await passOver(17)).seen).toEqual([]);
    expect((await passOver(19)).seen).toContain('I3');
  });

  test('lets a class that was passed over 16 times go before a higher one', async () => {
    const { ledger, clock, lend, connection, low, seen, broken } = await passOver(17);
    ledger.asked({ timeoutMs: 1_000, priority: 1 });
    await clock.advance(1);
    lend(connection, low);
    expect([...seen, ...broken()]).toEqual([]);
  });
});

describe('I3, in a pool that sheds', () => {
  const shedding = { targetMs: 10, intervalMs: 40, limitMs: 400 };

  /** One that has waited for 50 ms, and one that came just now. */
  async function waiting(told: 'began' | 'nothing') {
    const staged = stage({ shedding });
    const connection = await staged.dial();
    const older = staged.ledger.asked({ timeoutMs: 1_000 });
    await staged.clock.advance(50);
    if (told === 'began') {
      staged.pool.events.emit('shedding-began', { priority: 'normal', waiting: 1, oldestWaitMs: 50 });
    }
    const younger = staged.ledger.asked({ timeoutMs: 1_000 });
    await staged.clock.advance(1);
    return { ...staged, connection, older, younger };
  }

  test('the newest goes first while its class is shedding, and only then', async () => {
    const sheds = await waiting('began');
    sheds.lend(sheds.connection, sheds.younger);
    expect(sheds.broken()).toEqual([]);
    const calm = await waiting('nothing');
    calm.lend(calm.connection, calm.younger);
    expect(calm.broken()).toEqual(['I3']);
  });

  test('breaks when the oldest goes first while its class is shedding', async () => {
    const { lend, connection, older, broken } = await waiting('began');
    lend(connection, older);
    expect(broken()).toEqual(['I3']);
  });

  test('breaks when a class begins to shed whose wait has not stood for an interval', async () => {
    const { dial, lend, ledger, clock, pool, broken } = stage({ shedding });
    const connection = await dial();
    const first = ledger.asked({ timeoutMs: 1_000 });
    await clock.advance(30);
    ledger.asked({ timeoutMs: 1_000 });
    lend(connection, first);
    await clock.advance(30);
    expect(broken()).toEqual([]);
    pool.events.emit('shedding-began', { priority: 'normal', waiting: 1, oldestWaitMs: 30 });
    expect(broken()).toEqual(['I3']);
  });

  test('sees that a wait stood although one after the other left', async () => {
    const { dial, lend, ledger, clock, pool, broken } = stage({ shedding });
    const connection = await dial();
    const first = ledger.asked({ timeoutMs: 1_000 });
    await clock.advance(5);
    ledger.asked({ timeoutMs: 1_000 });
    await clock.advance(15);
    lend(connection, first);
    await clock.advance(30);
    expect(broken()).toEqual([]);
    pool.events.emit('shedding-began', { priority: 'normal', waiting: 1, oldestWaitMs: 45 });
    expect(broken()).toEqual([]);
  });
});
