import {
  AbortedError,
  constantBackoff,
  DeadlineExceededError,
  InvalidOptionsError,
  retryBudget,
} from '@cryo/resilience';
import { expect, test, vi } from 'vitest';
import { conflict, createLedgerDatabase, fail, hang, loss, refusal, ServerError } from '../test/ledger-database.ts';
import { AcquireAbortedError, PoolClosedError } from './errors.ts';
import { CommitOutcomeUnknownError, RollbackFailedError } from './transaction-errors.ts';

const now = { backoff: constantBackoff({ delayMs: 0 }) };

test('what the work returned is answered after COMMIT, and the connection stays', async () => {
  const { transaction, log, run, clock, pool } = createLedgerDatabase();
  const answer = transaction((session) => {
    run(session, 'INSERT');
    return 42;
  });
  await clock.advance(1);
  expect(await answer).toBe(42);
  expect(log).toEqual(['1: BEGIN', '1: INSERT', '1: COMMIT']);
  expect(pool.snapshot().connections.idle).toBe(1);
});

test('whatever is thrown rolls back, reaches the caller as it is, and keeps the connection', async () => {
  const { transaction, log, clock, pool } = createLedgerDatabase();
  for (const error of [new Error('no stock'), refusal(), undefined, 'a string']) {
    log.length = 0;
    const outcome = transaction(async () => {
      throw error;
    }).then(
      () => expect.unreachable(),
      (thrown: unknown) => ({ thrown }),
    );
    await clock.advance(1);
    expect(await outcome).toEqual({ thrown: error });
    expect((await outcome).thrown).toBe(error);
    expect(log).toEqual(['1: BEGIN', '1: ROLLBACK']);
  }
  expect(pool.snapshot().connections.idle).toBe(1);
});

test('a conflict tries everything again, wherever it showed', async () => {
  const { transaction, log, clock, answer } = createLedgerDatabase();
  answer('BEGIN', fail(conflict()));
  answer('COMMIT', fail(conflict()));
  const attempts: number[] = [];
  const done = transaction((_, { attempt }) => {
    attempts.push(attempt);
    if (attempt === 1) throw conflict();
  }, now);
  await clock.advance(1);
  await done;
  expect(attempts).toEqual([1, 2, 3]);
  const first = ['1: BEGIN', '1: ROLLBACK'];
  expect(log).toEqual([...first, ...first, '1: BEGIN', '1: COMMIT', '1: ROLLBACK', '1: BEGIN', '1: COMMIT']);
});

test('between two attempts other requests get the connection', async () => {
  const { transaction, clock, pool } = createLedgerDatabase({ size: { min: 0, max: 1 } });
  const order: string[] = [];
  const first = transaction((_, { attempt }) => {
    order.push(`attempt ${attempt}`);
    if (attempt === 0) throw conflict();
  });
  const other = pool.use(() => void order.push('other'));
  await clock.advance(1_000);
  await Promise.all([first, other]);
  expect(order).toEqual(['attempt 0', 'other', 'attempt 1']);
});

test('nothing but a conflict is tried again, and after the last retry the caller gets the conflict itself', async () => {
  const { transaction, clock } = createLedgerDatabase();
  for (const [error, maxRetries, expected] of [
    [refusal(), 5, 1],
    [loss(), 5, 1],
    [new Error('mine'), 5, 1],
    [conflict(), 2, 3],
    [conflict(), 0, 1],
  ] as const) {
    const work = vi.fn().mockRejectedValue(error);
    const done = expect(transaction(work, { maxRetries, ...now })).rejects.toBe(error);
    await clock.advance(10);
    await done;
    expect(work).toHaveBeenCalledTimes(expected);
  }
});

test('retries stop where the budget or the deadline ends, and a success refills the budget', async () => {
  const { transaction, clock } = createLedgerDatabase();
  const budget = retryBudget({ capacity: 2, perSuccess: 1, perSecond: 0, clock });
  const work = vi.fn().mockRejectedValue(conflict());
  const spent = expect(transaction(work, { maxRetries: Infinity, budget, ...now })).rejects.toThrow('serialize');
  await clock.advance(1);
  await spent;
  expect(work).toHaveBeenCalledTimes(3);
  const well = transaction(() => {}, { budget });
  await clock.advance(1);
  await well;
  expect(budget.tokens).toBe(1);

  work.mockClear();
  const backoff = constantBackoff({ delayMs: 100 });
  const options = { maxRetries: Infinity, backoff, deadline: clock.now() + 250 };
  const late = expect(transaction(work, options)).rejects.toThrow('serialize');
  await clock.advance(1_000);
  await late;
  expect(work).toHaveBeenCalledTimes(3);
});

test('a backoff or a budget that fails costs nothing but its own advice', async () => {
  const { transaction, clock } = createLedgerDatabase();
  const bad = () => {
    throw new Error('broken');
  };
  for (const delayMs of [bad, () => Number.NaN, () => -1, () => Infinity]) {
    const work = vi.fn().mockRejectedValueOnce(conflict()).mockResolvedValueOnce('done');
    const done = transaction(work, { backoff: { delayMs } });
    await clock.advance(1_001);
    expect(await done).toBe('done');
  }
  const refused = expect(transaction(fail(conflict()), { budget: { tryTake: bad } })).rejects.toThrow('serialize');
  const committed = transaction(() => 'done', { budget: { tryTake: bad, succeeded: bad } });
  await clock.advance(1);
  await refused;
  expect(await committed).toBe('done');
});

test('a COMMIT that was not answered is reported as unknown, is never tried again, and ends the connection', async () => {
  for (const error of [loss(), new ServerError('gone', 'server-unavailable'), new Error('socket hang up')]) {
    const { transaction, clock, answer, sessions } = createLedgerDatabase();
    answer('COMMIT', fail(error));
    const work = vi.fn();
    const told = transaction(work, now).catch((thrown: unknown) => thrown);
    await clock.advance(10);
    const unknown = await told;
    expect(unknown).toBeInstanceOf(CommitOutcomeUnknownError);
    expect(unknown).toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN', pool: 'orders', cause: error });
    expect(work).toHaveBeenCalledTimes(1);
    expect(sessions[0]?.state).toBe('destroyed');
  }
});

test('a connection that was lost before COMMIT has committed nothing, and its loss is what the caller gets', async () => {
  const error = loss();
  const { transaction, log, sessions, clock } = createLedgerDatabase({}, { lost: () => error });
  const outcome = expect(transaction(() => {})).rejects.toBe(error);
  await clock.advance(1);
  await outcome;
  expect(log).toEqual(['1: BEGIN']);
  expect(sessions.map(({ state }) => state)).toEqual(['destroyed']);
});

test("a COMMIT that the server refused is the server's word: rolled back, told, and the connection stays", async () => {
  const { transaction, clock, answer, sessions, log } = createLedgerDatabase();
  const error = refusal();
  answer('COMMIT', fail(error));
  const told = expect(transaction(() => {})).rejects.toBe(error);
  await clock.advance(1);
  await told;
  expect(log).toEqual(['1: BEGIN', '1: COMMIT', '1: ROLLBACK']);
  expect(sessions[0]?.state).toBe('open');
});

test('a driver whose classification fails has not said that COMMIT was refused', async () => {
  const database = createLedgerDatabase();
  database.driver.classify = () => {
    throw new Error('broken');
  };
  database.answer('COMMIT', fail(refusal()));
  const told = expect(database.transaction(() => {})).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
  await database.clock.advance(1);
  await told;
});

test('an unknown outcome shows no secret of the driver', async () => {
  const database = createLedgerDatabase();
  database.driver.secrets = () => ['hunter2'];
  database.answer('COMMIT', fail(new Error('lost postgres://app:hunter2@db')));
  const told = database.transaction(() => {}).catch((error: Error) => `${error.message} ${String(error.cause)}`);
  await database.clock.advance(1);
  const text = await told;
  expect(text).toContain('lost postgres://');
  expect(text).not.toContain('hunter2');
});

test('a rollback that fails or hangs ends the connection, and the caller still gets what the work failed with', async () => {
  for (const answerWith of [fail(refusal()), hang()]) {
    const { transaction, clock, answer, sessions, pool } = createLedgerDatabase();
    const seen: unknown[] = [];
    pool.on('connection-error', ({ error }) => seen.push(error));
    answer('ROLLBACK', answerWith);
    const error = new Error('no stock');
    const told = expect(transaction(fail(error))).rejects.toBe(error);
    await clock.advance(5_001);
    await told;
    expect(sessions[0]?.state).toBe('destroyed');
    expect(seen).toEqual([expect.any(RollbackFailedError)]);
    expect(pool.snapshot().live).toBe(0);
  }
});

test('a connection that was lost is not asked to roll back', async () => {
  const { transaction, clock, log, sessions } = createLedgerDatabase();
  const error = loss();
  const told = expect(transaction(fail(error))).rejects.toBe(error);
  await clock.advance(1);
  await told;
  expect(log).toEqual(['1: BEGIN']);
  expect(sessions[0]?.state).toBe('destroyed');
});

test('an abort in the middle rolls back, whatever the work makes of it', async () => {
  const { transaction, clock, log, sessions } = createLedgerDatabase();
  const controller = new AbortController();
  const reason = new Error('enough');
  const told = transaction(
    (_, { signal }) => {
      controller.abort(reason);
      expect(signal.aborted).toBe(true);
      return 'finished all the same';
    },
    { signal: controller.signal },
  ).catch((error: unknown) => error);
  await clock.advance(1);
  expect(await told).toBeInstanceOf(AbortedError);
  expect(await told).toMatchObject({ cause: reason });
  expect(log).toEqual(['1: BEGIN', '1: ROLLBACK']);
  expect(sessions[0]?.state).toBe('open');
});

test('after its deadline nothing is committed', async () => {
  const { transaction, clock, log } = createLedgerDatabase();
  const work = () => new Promise<void>((resolve) => void clock.set(100, resolve, { background: false }));
  const told = expect(transaction(work, { deadline: 50 })).rejects.toBeInstanceOf(DeadlineExceededError);
  await clock.advance(200);
  await told;
  expect(log).toEqual(['1: BEGIN', '1: ROLLBACK']);
});

test('a COMMIT that is out when the caller aborts may still end well', async () => {
  const { transaction, clock, answer } = createLedgerDatabase();
  const controller = new AbortController();
  answer('COMMIT', () => {
    controller.abort();
    return new Promise((resolve) => void clock.set(4_000, () => resolve(undefined), { background: false }));
  });
  const done = transaction(() => 'kept', { signal: controller.signal });
  await clock.advance(4_001);
  expect(await done).toBe('kept');
});

test('a statement that hangs holds nobody beyond five seconds after the abort or the deadline', async () => {
  for (const [sql, expected] of [
    ['BEGIN', DeadlineExceededError],
    ['COMMIT', CommitOutcomeUnknownError],
  ] as const) {
    const { transaction, clock, answer, sessions, pool } = createLedgerDatabase();
    answer(sql, hang());
    const told = expect(transaction(() => {}, { deadline: 1_000 })).rejects.toBeInstanceOf(expected);
    await clock.advance(6_001);
    await told;
    expect(sessions[0]?.state).toBe('destroyed');
    expect(pool.snapshot().live).toBe(0);
    expect(clock.pending('foreground')).toBe(0);
  }
});

test('a transaction whose connection the pool took away is not committed, and the connection is not touched again', async () => {
  const { transaction, clock, pool, log } = createLedgerDatabase();
  const told = transaction((_, { signal }) => {
    return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }).catch((error: unknown) => error);
  await clock.advance(1);
  const closed = pool.close({ timeoutMs: 10 });
  await clock.advance(20);
  await closed;
  expect(await told).toBeInstanceOf(PoolClosedError);
  expect(log).toEqual(['1: BEGIN']);
});

test('a connection that was taken away stays untouched when its caller aborts later', async () => {
  const { transaction, clock, pool, log } = createLedgerDatabase();
  const controller = new AbortController();
  const work = (_: unknown, { signal }: { readonly signal: AbortSignal }) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        controller.abort(new Error('late'));
        resolve();
      });
    });
  const told = transaction(work, { signal: controller.signal }).catch((error: unknown) => error);
  await clock.advance(1);
  const closed = pool.close({ timeoutMs: 10 });
  await clock.advance(20);
  await closed;
  expect(await told).toBeInstanceOf(PoolClosedError);
  expect(log).toEqual(['1: BEGIN']);
});

test('an abort during the wait before a retry ends the transaction', async () => {
  const { transaction, clock } = createLedgerDatabase();
  const controller = new AbortController();
  const work = vi.fn().mockRejectedValue(conflict());
  const options = { signal: controller.signal, backoff: constantBackoff({ delayMs: 60_000 }) };
  const told = expect(transaction(work, options)).rejects.toBeInstanceOf(AcquireAbortedError);
  await clock.advance(1);
  controller.abort();
  await clock.advance(1);
  await told;
  expect(work).toHaveBeenCalledTimes(1);
});

test('the mode reaches the adapter, and one that the adapter does not know is refused with every other fault', async () => {
  const { transaction, clock, log } = createLedgerDatabase({}, { modes: ['isolation'] });
  const done = transaction(() => {}, { isolation: 'serializable' });
  await clock.advance(1);
  await done;
  expect(log[0]).toBe('1: BEGIN ISOLATION LEVEL serializable');
  const bad = { isolation: 'chaos', readOnly: true, maxRetries: -1, backoff: 5, budget: {} } as never;
  const told = transaction(() => expect.unreachable(), bad).catch((error: InvalidOptionsError) => error);
  expect(await told).toBeInstanceOf(InvalidOptionsError);
  const paths = ((await told) as InvalidOptionsError).faults.map(({ path }) => path);
  expect(paths).toEqual(['readOnly', 'maxRetries', 'backoff', 'budget.tryTake', 'isolation']);
});

test('a transaction may ask for a priority, and needs work', async () => {
  const { transaction, clock } = createLedgerDatabase();
  const answer = transaction(() => 'served', { priority: 'high' });
  await clock.advance(1);
  expect(await answer).toBe('served');
  await expect(transaction(undefined as never)).rejects.toThrow(/work is undefined, expected a function/);
});

test('deferrable is refused where it would silently mean nothing', async () => {
  const { transaction } = createLedgerDatabase();
  await expect(transaction(() => {}, { deferrable: true })).rejects.toThrow(
    "deferrable is true, expected to go with isolation: 'serializable' and readOnly: true",
  );
});
