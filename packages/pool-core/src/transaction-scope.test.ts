import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conflict, createLedgerDatabase, fail, loss, refusal } from '../test/ledger-database.ts';
import { TransactionStateError } from './transaction-errors.ts';
import type { TransactionContext } from './transaction-scope.ts';

test('a nested transaction is a savepoint, released when it ends well', async () => {
  const { transaction, clock, log } = createLedgerDatabase();
  const done = transaction((_, context) => context.transaction(() => 'inner'));
  await clock.advance(1);
  expect(await done).toBe('inner');
  expect(log).toEqual(['1: BEGIN', '1: SAVEPOINT cryo_1', '1: RELEASE SAVEPOINT cryo_1', '1: COMMIT']);
});

test('a nested transaction that fails goes back to its savepoint, and the outer one may go on', async () => {
  const { transaction, clock, log } = createLedgerDatabase();
  const error = refusal();
  const done = transaction(async (_, context) => {
    await expect(context.transaction(fail(error))).rejects.toBe(error);
    return context.transaction(() => 'second');
  });
  await clock.advance(1);
  expect(await done).toBe('second');
  expect(log).toEqual([
    '1: BEGIN',
    ...['1: SAVEPOINT cryo_1', '1: ROLLBACK TO SAVEPOINT cryo_1', '1: RELEASE SAVEPOINT cryo_1'],
    ...['1: SAVEPOINT cryo_2', '1: RELEASE SAVEPOINT cryo_2'],
    '1: COMMIT',
  ]);
});

test('a conflict within a nested transaction dooms the whole, even if the work goes on as if nothing had happened', async () => {
  const { transaction, clock, log } = createLedgerDatabase();
  let attempts = 0;
  const done = transaction(async (_, context) => {
    attempts++;
    await context
      .transaction(() => {
        if (attempts === 1) throw conflict();
      })
      .catch(() => {});
    return attempts;
  });
  await clock.advance(1_000);
  expect(await done).toBe(2);
  expect(log.slice(0, 3)).toEqual(['1: BEGIN', '1: SAVEPOINT cryo_1', '1: ROLLBACK']);
  expect(log.at(-1)).toBe('1: COMMIT');
});

test('a conflict that SAVEPOINT itself meets dooms the whole too', async () => {
  const { transaction, clock, answer, log } = createLedgerDatabase();
  answer('SAVEPOINT cryo_1', fail(conflict()));
  const work = (_: unknown, context: TransactionContext<unknown>) =>
    context.transaction(() => {}).catch(() => 'swallowed');
  const told = expect(transaction(work, { maxRetries: 0 })).rejects.toThrow('serialize');
  await clock.advance(1);
  await told;
  expect(log.at(-1)).toBe('1: ROLLBACK');
});

test('a connection lost within a nested transaction is never committed on', async () => {
  const { transaction, clock, log } = createLedgerDatabase();
  const error = loss();
  const told = expect(
    transaction((_, context) => context.transaction(fail(error)).catch(() => 'swallowed')),
  ).rejects.toBe(error);
  await clock.advance(1);
  await told;
  expect(log).toEqual(['1: BEGIN', '1: SAVEPOINT cryo_1']);
});

test('a way back to the savepoint that fails dooms the whole', async () => {
  const { transaction, clock, answer, log } = createLedgerDatabase();
  const missing = refusal();
  answer('ROLLBACK TO SAVEPOINT cryo_1', fail(missing));
  const told = expect(
    transaction((_, context) => context.transaction(fail(new Error('inner'))).catch(() => 'swallowed')),
  ).rejects.toBe(missing);
  await clock.advance(1);
  await told;
  expect(log.at(-1)).toBe('1: ROLLBACK');
});

test('two nested transactions at once are refused, for they would share one savepoint stack', async () => {
  const { transaction, clock, log } = createLedgerDatabase();
  const done = transaction((_, context) =>
    Promise.allSettled([context.transaction(() => 'first'), context.transaction(() => 'second')]),
  );
  await clock.advance(1);
  const [first, second] = await done;
  expect(first).toEqual({ status: 'fulfilled', value: 'first' });
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'TRANSACTION_STATE' } });
  expect(log).toHaveLength(4);
});

test('an outer context is refused while a nested transaction is running, and every context after its end', async () => {
  const { transaction, clock } = createLedgerDatabase();
  const kept: TransactionContext<unknown>[] = [];
  const done = transaction((_, outer) => {
    return outer.transaction(async (_connection, inner) => {
      kept.push(outer, inner);
      await expect(outer.transaction(() => {})).rejects.toThrow('still running');
    });
  });
  await clock.advance(1);
  await done;
  for (const context of kept) {
    await expect(context.transaction(() => expect.unreachable())).rejects.toBeInstanceOf(TransactionStateError);
  }
});

test('a nested transaction that nobody awaited is waited for, and nothing is committed', async () => {
  const { transaction, clock, log } = createLedgerDatabase();
  const told = expect(
    transaction((_, context) => {
      const slow = () => new Promise<void>((resolve) => void clock.set(100, resolve, { background: false }));
      void context.transaction(slow);
    }),
  ).rejects.toThrow('ended before a nested one');
  await clock.advance(200);
  await told;
  expect(log.at(-1)).toBe('1: ROLLBACK');
  expect(log).not.toContain('1: COMMIT');
});

/** What one level does: nested levels in order, each of which may fail and be forgiven, and then an end. */
interface Level {
  readonly inner: readonly Level[];
  readonly fails: boolean;
}

test('whatever nests and fails, each savepoint ends in the order of a stack, and what is committed is what did not fail', async () => {
  const level: fc.Memo<Level> = fc.memo((depth) => {
    const inner = depth <= 1 ? fc.constant([]) : fc.array(level(), { maxLength: 3 });
    return fc.record({ inner, fails: fc.boolean() });
  });
  await fc.assert(
    fc.asyncProperty(level(4), async (root) => {
      const { transaction, clock, log, run } = createLedgerDatabase();
      let written = 0;
      const play = async (session: never, context: TransactionContext<never>, one: Level): Promise<void> => {
        run(session, `WRITE ${++written}`);
        for (const inner of one.inner) {
          await context.transaction((_, nested) => play(session, nested as never, inner)).catch(() => {});
        }
        if (one.fails) throw new Error('level');
      };
      const done = transaction((session, context) => play(session as never, context as never, root)).catch(() => {});
      await clock.advance(1);
      await done;
      expect(effectOf(log)).toEqual(survivors(root));
    }),
    { numRuns: 200 },
  );
});

/** What a database would keep of the statements, which must be in the order of a stack. */
function effectOf(log: readonly string[]): string[] {
  const stack: { name: string; writes: string[] }[] = [];
  for (const line of log) {
    const [verb = '', ...rest] = line.slice('1: '.length).split(' ');
    const name = rest.at(-1) ?? '';
    if (verb === 'BEGIN' || verb === 'SAVEPOINT') stack.push({ name, writes: [] });
    else if (verb === 'WRITE') stack.at(-1)?.writes.push(name);
    else if (verb === 'COMMIT') return stack.length === 1 ? (stack[0]?.writes ?? []) : ['unbalanced'];
    else if (line.includes('ROLLBACK TO')) stack.splice(-1, 1, { name: top(stack, name), writes: [] });
    else if (verb === 'RELEASE') {
      top(stack, name);
      const released = stack.pop();
      stack.at(-1)?.writes.push(...(released?.writes ?? []));
    }
  }
  return [];
}

function top(stack: readonly { readonly name: string }[], name: string): string {
  expect(stack.at(-1)?.name).toBe(name);
  return name;
}

function survivors(root: Level): string[] {
  let written = 0;
  const keep = (level: Level): string[] => {
    const own = [String(++written), ...level.inner.flatMap(keep)];
    return level.fails ? [] : own;
  };
  return keep(root);
}
